/**
 * What may happen to files in the inbox: the recipes of the hostile corpus on `fanfold dev`, each with what it says is to come of it.
 * They are not part of this repository: see hostile.ts. Those that need the rights of root say so when they are left out.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE_FOLDER, hostileItems } from './hostile.ts';
import { csv, InboxProject } from './inbox-project.ts';

const recipes = hostileItems('fswatch');
if (recipes.length === 0) console.log(`The hostile inbox is not tried: there are no recipes in ${HOSTILE_FOLDER}`);

const NOBODY = 65_534;
/** Of a file that is read while something happens to it. */
const ROWS = 600;
/** Kept across restarts, and so no memory. */
const DISK = '/var/tmp';
const isRoot = process.getuid?.() === 0;
const many = (value: string): readonly string[] => Array.from({ length: ROWS }, () => value);

describe.skipIf(recipes.length === 0)('the inbox and the hostile corpus', () => {
  const project = new InboxProject();
  beforeAll(async () => {
    for (let i = 0; i < 100; i++) project.drop(`down-${i}.csv`);
    await project.start();
  });
  afterAll(() => project.remove());

  const inbox = (name: string): string => project.path(`inbox/inbound/${name}`);
  /** The next look at the inbox has been taken: a file that came later is there. */
  let marks = 0;
  const lookedOn = async (): Promise<void> => {
    const name = `mark-${++marks}.csv`;
    project.drop(name);
    await project.ended(name);
  };
  /** With a project whose inbox is no other recipe's. */
  const apart = async (act: (own: InboxProject) => Promise<void>, by: readonly string[] = []): Promise<void> => {
    const own = new InboxProject();
    try {
      await own.start(by);
      await act(own);
    } finally {
      await own.remove();
    }
  };
  /** While a first execution reads, its file's name is used otherwise. It has seen what there was, or it says why not. */
  const whileRead = async (name: string, act: () => void): Promise<void> => {
    project.drop(name, many('old'));
    while ((await project.runs((key) => key === name)).length === 0);
    act();
    const [first] = (await project.ended(name)).toReversed();
    const { rows, error } = first ? await project.outcome(first) : {};
    if (rows) expect([rows.length, new Set(rows)]).toEqual([ROWS, new Set(['old'])]);
    else expect(error).toMatch(/^States\./);
  };

  /**
   * Writes a file bit by bit. One that nobody writes to for two seconds is complete: where this machine has held the writer up
   * for long, it is done again with another one.
   */
  const unheld = async (name: string, write: (file: string, wrote: () => void) => Promise<void>): Promise<string> => {
    let [last, longest] = [performance.now(), 0];
    await write(inbox(name), () => {
      const now = performance.now();
      [last, longest] = [now, Math.max(longest, now - last)];
    });
    return longest < 1500 ? name : unheld(`again-${name}`, write);
  };

  const RECIPES: Readonly<Record<string, () => Promise<void>>> = {
    'burst-while-down': async () => {
      const names = Array.from({ length: 100 }, (_, i) => `down-${i}.csv`);
      await Promise.all(names.map((name) => project.ended(name)));
      const runs = await project.runs((key) => key.startsWith('down-'));
      expect(runs.map(({ key }) => key).toSorted()).toEqual(names.toSorted());
    },
    'dangling-symlink': async () => {
      symlinkSync('nowhere', inbox('dangling.csv'));
      await Promise.all([project.told('dangling.csv'), lookedOn()]);
    },
    'symlink-file': async () => {
      symlinkSync('/etc/passwd', inbox('passwd.csv'));
      await Promise.all([project.told('passwd.csv'), lookedOn()]);
      expect(await project.runs((key) => key === 'passwd.csv')).toEqual([]);
    },
    fifo: async () => {
      spawnSync('mkfifo', [inbox('pipe.csv')]);
      await Promise.all([project.told('pipe.csv'), lookedOn()]);
    },
    'directory-named-csv': async () => {
      project.drop('folder.csv/inner.csv');
      await project.took('folder.csv/inner.csv');
    },
    'done-marker': async () => {
      project.drop('x.csv');
      project.drop('x.csv.done');
      await project.took('x.csv');
    },
    'mtime-1970': async () => {
      project.drop('old.csv', ['1'], new Date(0));
      await project.took('old.csv');
    },
    'mtime-future': async () => {
      project.drop('future.csv', ['1'], new Date('2099-01-01'));
      await project.took('future.csv');
    },
    'name-255': async () => {
      const name = `${'n'.repeat(251)}.csv`;
      project.drop(name);
      await project.took(name);
    },
    'name-dash': async () => {
      project.drop('-rf.csv');
      await project.took('-rf.csv');
    },
    'name-invalid-utf8': async () => {
      const file = Buffer.concat([Buffer.from(inbox('a')), Buffer.from([0xff]), Buffer.from('.csv')]);
      writeFileSync(file, csv(['1']));
      await Promise.all([project.told('\ufffd'), lookedOn()]);
      expect(existsSync(file)).toBe(true);
    },
    'deleted-mid-read': () => whileRead('deleted.csv', () => rmSync(inbox('deleted.csv'), { force: true })),
    'truncated-mid-read': () =>
      whileRead('truncated.csv', () => {
        if (existsSync(inbox('truncated.csv'))) truncateSync(inbox('truncated.csv'));
      }),
    'replaced-mid-read': () => whileRead('replaced.csv', () => project.drop('replaced.csv', many('new'))),
    'same-name-other-bytes': async () => {
      await whileRead('same.csv', () => project.drop('same.csv', many('new')));
      const [last] = await project.ended('same.csv', 2);
      expect(last && new Set((await project.outcome(last)).rows)).toEqual(new Set(['new']));
    },
    'slow-writer': async () => {
      const rows = Array.from({ length: 600 }, (_, i) => String(i));
      const name = await unheld('slow.csv', async (file, wrote) => {
        writeFileSync(file, 'v\n');
        for (const row of rows) {
          appendFileSync(file, `${row}\n`);
          wrote();
          await pause(5);
        }
      });
      expect(await project.runs((key) => key === name)).toEqual([]);
      await project.took(name, rows);
    },
    'writer-stalls': async () => {
      const fd = openSync(inbox('stalled.csv'), 'w');
      writeSync(fd, 'v\n1\n');
      // Twice as long as a file must stay as it is.
      await pause(4500);
      expect(await project.runs((key) => key === 'stalled.csv')).toEqual([]);
      writeSync(fd, '2\n');
      closeSync(fd);
      await project.took('stalled.csv', ['1', '2']);
    },
    'zero-bytes': async () => {
      const name = await unheld('zero.csv', async (file, wrote) => {
        writeFileSync(file, '');
        await pause(1000);
        writeFileSync(file, csv(['1', '2']));
        wrote();
      });
      await project.took(name, ['1', '2']);
    },
    'unwritable-archive': async () => {
      // The archive is a prefix of the bucket: what a move writes is the index of the buckets.
      const own = new InboxProject({ folder: DISK, isHeld: true });
      const log = own.path('.fanfold/objects.db-wal');
      try {
        await own.start();
        own.drop('once.csv');
        const letGo = await own.held();
        if (!forbidWriting(log)) return;
        await letGo();
        await own.logged(({ message }) => message.includes('is told again'), 2);
        allowWriting(log);
        expect(await own.logged(({ to }) => to !== undefined)).toMatchObject({
          key: 'once.csv',
          to: 'archive/once.csv',
        });
        expect((await own.ended('once.csv')).map(({ status }) => status)).toEqual(['SUCCEEDED']);
      } finally {
        allowWriting(log);
        await own.remove();
      }
    },
    'nested-10k-dirs': () =>
      apart(async (own) => {
        // All 10,000 are in hostile-inbox.long.test.ts.
        for (let i = 0; i < 500; i++) mkdirSync(own.path(`inbox/inbound/${i % 100}/${i}`), { recursive: true });
        own.drop('99/499/deep.csv');
        await own.took('99/499/deep.csv');
      }),
    'inbox-removed': () =>
      apart(async (own) => {
        rmSync(own.path('inbox'), { recursive: true });
        mkdirSync(own.path('inbox/inbound'), { recursive: true });
        own.drop('again.csv');
        await own.took('again.csv');
      }),
    'inbox-unmounted': () =>
      apart(async (own) => {
        const folder = own.path('inbox/inbound');
        own.drop('before.csv');
        await own.took('before.csv');
        if (!mounted(folder)) return;
        own.drop('mounted.csv');
        spawnSync('umount', [folder]);
        own.drop('unmounted.csv');
        await own.took('unmounted.csv');
        expect((await own.runs(() => true)).map(({ key }) => key)).toEqual(['unmounted.csv', 'before.csv']);
      }),
    'inbox-readonly': () =>
      apart(async (own) => {
        const folder = own.path('inbox/inbound');
        if (!mounted(folder)) return;
        try {
          own.drop('kept.csv');
          spawnSync('mount', ['-o', 'remount,ro', folder]);
          await own.told('kept.csv');
          spawnSync('mount', ['-o', 'remount,rw', folder]);
          await own.took('kept.csv');
        } finally {
          spawnSync('umount', [folder]);
        }
      }),
    unreadable: async () => {
      if (!isRoot || spawnSync('setpriv', ['--version']).status !== 0)
        return console.log('Left out: an unreadable file needs root, and setpriv to be somebody else.');
      const own = new InboxProject();
      try {
        own.drop('secret.csv');
        for (const name of ['', ...readdirSync(own.folder, { recursive: true }).map(String)])
          chownSync(own.path(name), NOBODY, NOBODY);
        chmodSync(own.path('inbox/inbound/secret.csv'), 0);
        chownSync(own.path('inbox/inbound/secret.csv'), 0, 0);
        await own.start(['setpriv', '--reuid', String(NOBODY), '--clear-groups', '--']);
        own.drop('open.csv');
        await Promise.all([own.told('secret.csv'), own.took('open.csv')]);
        chmodSync(own.path('inbox/inbound/secret.csv'), 0o644);
        await own.took('secret.csv');
      } finally {
        await own.remove();
      }
    },
    'watch-limit': async () => {
      const few = ['unshare', '-Ur', 'sh', '-c', 'echo 2 > /proc/sys/user/max_inotify_watches && exec "$@"', 'sh'];
      if (spawnSync(few[0] ?? '', [...few.slice(1), 'true']).status !== 0)
        return console.log('Left out: no user namespace with few watches can be made here.');
      await apart(async (own) => {
        await own.logged(({ message }) => message.includes('cannot be watched'));
        own.drop('late/late.csv');
        await own.took('late/late.csv');
      }, few);
    },
  };

  it('has a recipe here', () => {
    expect(recipes.map(({ name }) => name).filter((name) => !Object.hasOwn(RECIPES, name))).toEqual([]);
  });

  // Most of it is waiting, each for files of its own.
  const known = recipes.map(({ name }) => name).filter((name) => Object.hasOwn(RECIPES, name));
  const ran = new Map<string, Promise<void> | undefined>();
  beforeAll(() => {
    for (const name of known) {
      const result = RECIPES[name]?.();
      result?.catch(() => {});
      ran.set(name, result);
    }
  });
  it.each(known)('%s', async (name) => ran.get(name));
});

/** Also who has it open may not write to it. Not every file system can do that, and only root may. */
function forbidWriting(file: string): boolean {
  const probe = `${file}-probe`;
  const fd = openSync(probe, 'w');
  try {
    if (spawnSync('chattr', ['+i', probe]).status === 0) writeSync(fd, 'x');
    console.log(`Left out: nobody can be forbidden to write to a file of ${DISK}.`);
    return false;
  } catch {
    return spawnSync('chattr', ['+i', file]).status === 0;
  } finally {
    closeSync(fd);
    allowWriting(probe);
    rmSync(probe);
  }
}

function allowWriting(file: string): void {
  spawnSync('chattr', ['-i', file]);
}

function mounted(folder: string): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status === 0) return true;
  console.log('Left out: nothing can be mounted here.');
  return false;
}
