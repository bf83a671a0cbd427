import { describe, expect, it } from 'vitest';
import { MOST_FILES, readManifest } from './manifest.ts';

const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';
const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const place = { key: 'in/day/manifest.json', prefix: 'in/', suffix: ['manifest.json', 'SHA256SUMS'], maxBytes: 1000 };

const read = (manifest: string | Uint8Array | object, at = place) => {
  const bytes = manifest instanceof Uint8Array ? manifest : undefined;
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  const result = readManifest(bytes ?? Buffer.from(text), at);
  return result.ok ? result.value : result.error;
};

describe('a manifest', () => {
  it.each<[string, string | object]>([
    ['a list of names', ['a.csv', 'sub/b.csv']],
    ['an object with one', { day: '2026-01-01', files: ['a.csv', './sub/b.csv'] }],
    ['files with names', { files: [{ name: 'a.csv', comment: 'first' }, { name: 'sub/b.csv' }] }],
    ['files with keys', [{ key: 'in/day/a.csv' }, { key: 'in/day/sub/b.csv' }]],
    ['a byte order mark', '\ufeff["a.csv", "sub/b.csv"]'],
  ])('may be %s', (_, manifest) => {
    expect(read(manifest)).toEqual([
      { key: 'in/day/a.csv', digests: [] },
      { key: 'in/day/sub/b.csv', digests: [] },
    ]);
  });

  it('says what is to be true of each file', () => {
    expect(
      read([
        { name: 'a.csv', size: 0, sha256: SHA256.toUpperCase(), md5: MD5, records: 3 },
        { key: 'in/b.csv', size: 7 },
      ]),
    ).toEqual([
      {
        key: 'in/day/a.csv',
        size: 0,
        digests: [
          { name: 'sha256', hex: SHA256 },
          { name: 'md5', hex: MD5 },
        ],
        records: 3,
      },
      { key: 'in/b.csv', size: 7, digests: [] },
    ]);
  });

  it.each([
    ['sha256sum', `${SHA256}  a.csv\n${SHA256} *sub/b (1).csv\n`],
    ['one from Windows, with remarks', `# of today\r\n\r\n${SHA256}  ./a.csv\r\n${SHA256}  sub/b (1).csv\r\n`],
    ['BSD', `SHA256 (a.csv) = ${SHA256}\nSHA256 (sub/b (1).csv) = ${SHA256}`],
  ])('may be a list of checksums: %s', (_, text) => {
    expect(read(text)).toEqual([
      { key: 'in/day/a.csv', digests: [{ name: 'sha256', hex: SHA256 }] },
      { key: 'in/day/sub/b (1).csv', digests: [{ name: 'sha256', hex: SHA256 }] },
    ]);
    expect(read(`${MD5}  a.csv`)).toEqual([{ key: 'in/day/a.csv', digests: [{ name: 'md5', hex: MD5 }] }]);
  });

  it.each<[string | Uint8Array | object, string]>([
    ['', 'It names no file.'],
    [[], 'It names no file.'],
    ['["a.csv"', 'It is no JSON: '],
    [{ file: 'a.csv' }, 'neither a list of files nor an object with such a list as "files"'],
    [[1], 'files[0]: a file is a name, or an object with a "name"; this is 1.'],
    [['a.csv', {}], 'files[1]: one of "name" and "key" is needed, a text; this is {}.'],
    [[{ name: 'a.csv', key: 'in/a.csv' }], 'files[0]: one of "name" and "key"'],
    [new Uint8Array([0x5b, 0xff]), 'It is no text in UTF-8.'],
    ['a.csv\nb.csv', 'line 1: a checksum, two spaces and a name are needed, not "a.csv".'],
    [`${SHA256}  a.csv\n${SHA256.slice(1)}  b.csv`, 'line 2: a checksum'],
    [`MD5 (a.csv) = ${SHA256}`, 'line 1: a checksum'],
    [`\\${SHA256}  a\\nb.csv`, 'line 1: a checksum'],
    [['a.csv', 'b.csv', './a.csv'], 'files[2]: "in/day/a.csv" is named twice, first in files[0].'],
    [`${MD5}  a.csv\n${SHA256}  a.csv`, 'line 2: "in/day/a.csv" is named twice, first in line 1.'],
    [['../../other/a.csv'], 'files[0]: "../../other/a.csv" is no name of a file'],
    [['sub/../a.csv'], 'is no name of a file'],
    [[{ key: 'in/../secret.csv' }], 'is no name of a file'],
    [['/etc/passwd'], 'begins or ends with a slash'],
    [['s3://other/a.csv'], 'is no name of a file'],
    [['sub/'], 'is no name of a file'],
    [['sub\\a.csv'], 'has a backslash or a control character'],
    [['a\n.csv'], 'has a backslash or a control character'],
    [[{ key: 'other/a.csv' }], 'files[0]: "other/a.csv" is not below "in/", where the trigger takes files.'],
    [['manifest.json'], 'would be a manifest itself'],
    [['x'.repeat(1100)], 'is longer than a key can be, 1024 bytes'],
    [[{ name: 'a.csv', size: -1 }], 'files[0].size: a whole number from 0 to'],
    [[{ name: 'a.csv', size: 1.5 }], 'files[0].size'],
    [[{ name: 'a.csv', size: 1e300 }], 'files[0].size'],
    [[{ name: 'a.csv', size: '12' }], 'needed, not "12".'],
    [[{ name: 'a.csv', size: 1001 }], 'files[0]: 1001 bytes, and 1000 is the most that is taken here.'],
    [[{ name: 'a.csv', records: -3 }], 'files[0].records: a whole number'],
    [[{ name: 'a.csv', sha256: MD5 }], `files[0].sha256: 64 hexadecimal digits are needed, not "${MD5}".`],
    [[{ name: 'a.csv', md5: null }], 'files[0].md5: 32 hexadecimal digits are needed, not null.'],
    [[{ name: 'a.csv', crc32c: 'AAAA' }], '"crc32c" is no checksum that is known here: md5, sha1, sha256'],
    [[{ name: 'a.csv', checksum: SHA256 }], '"checksum" is no checksum that is known here'],
    [Array.from({ length: MOST_FILES + 1 }, (_, i) => `${i}.csv`), `It names more than ${MOST_FILES} files.`],
  ])('is refused: %j', (manifest, problem) => {
    expect(read(manifest)).toEqual(expect.stringContaining('The manifest is not taken. '));
    expect(read(manifest)).toEqual(expect.stringContaining(problem));
  });

  it('names files below its folder, or anywhere in the bucket where the trigger has no prefix', () => {
    const [at] = [{ ...place, key: 'manifest.json', prefix: '' }];
    expect(read(['a.csv', { key: '__proto__/toString' }], at)).toEqual([
      { key: 'a.csv', digests: [] },
      { key: '__proto__/toString', digests: [] },
    ]);
  });
});
