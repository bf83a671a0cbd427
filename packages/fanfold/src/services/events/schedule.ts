/** Schedules in EventBridge's syntax: `rate(5 minutes)` and `cron(0 3 ? * MON-FRI *)`. */
import { Cron } from 'croner';
import { fail, ok, type Result } from '../../result.ts';

export interface Schedule {
  /** The first time after this one; undefined when there is none any more. Milliseconds since the epoch. */
  next(after: number): number | undefined;
  /** The last time after `after` and until `until`, if any. */
  latest(after: number, until: number): number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const RATE = /^rate\((\d{1,9}) (minute|hour|day)(s?)\)$/;
const CRON = /^cron\(([^()]*)\)$/;

/**
 * @param timezone an IANA name, for `cron(…)`
 * @param begin when the rule was made: rates count from then; milliseconds since the epoch
 * @returns or what is wrong with it
 */
export function parseSchedule(text: string, timezone: string, begin: number): Result<Schedule, string> {
  if (!isTimezone(timezone))
    return fail(`there is no time zone '${timezone}'; an IANA name is needed, such as Europe/Berlin`);
  const rate = RATE.exec(text);
  if (rate) return parseRate(Number(rate[1]), rate[2] as string, rate[3] === 's', begin);
  const fields = CRON.exec(text)?.[1]?.trim().split(/\s+/);
  return fields
    ? parseCron(fields, timezone)
    : fail(`'${text}' is neither rate(<number> <unit>) nor cron(<six fields>)`);
}

function isTimezone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function parseRate(count: number, unit: string, isPlural: boolean, begin: number): Result<Schedule, string> {
  if (count < 1 || isPlural !== count > 1)
    return fail(`a rate is rate(1 ${unit}) or rate(<more> ${unit}s), not rate(${count} ${unit}${isPlural ? 's' : ''})`);
  const period = count * (UNITS[unit] as number);
  const last = (at: number): number => begin + Math.floor((at - begin) / period) * period;
  return ok({
    next: (after) => Math.max(begin, last(after)) + period,
    latest: (after, until) => {
      const at = last(until);
      return at > after && at > begin ? at : undefined;
    },
  });
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const DAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** For numbers, from `least` on. */
  readonly names?: readonly string[];
  /** What else may stand there. */
  readonly other?: RegExp;
}

const FIELDS: readonly Field[] = [
  { name: 'minutes', least: 0, most: 59 },
  { name: 'hours', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31, other: /^(?:\?|L|LW|(?:[1-9]|[12]\d|3[01])W)$/ },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day of week', least: 1, most: 7, names: DAYS, other: /^(?:\?|L|(?:[1-7]|[A-Z]{3})(?:L|#[1-5]))$/ },
  { name: 'year', least: 1970, most: 2199 },
];

function parseCron(texts: readonly string[], timezone: string): Result<Schedule, string> {
  if (texts.length !== FIELDS.length)
    return fail(`cron(…) has six fields (${FIELDS.map(({ name }) => name).join(', ')}), not ${texts.length}`);
  const parts: string[] = [];
  for (const [i, field] of FIELDS.entries()) {
    const part = fieldOf((texts[i] as string).toUpperCase(), field);
    if (part === undefined) return fail(`the ${field.name} of cron(${texts.join(' ')}) cannot be '${texts[i]}'`);
    parts.push(part);
  }
  if ((texts[2] === '?') === (texts[4] === '?'))
    return fail(`one of day of month and day of week must be '?' in cron(${texts.join(' ')}), and not both`);
  try {
    const cron = new Cron(`0 ${parts.join(' ')}`, { paused: true, timezone });
    return ok({
      next: (after) => cron.nextRun(new Date(after))?.getTime(),
      latest: (after, until) => {
        // It gives what comes before a time.
        const at = cron.previousRuns(1, new Date(until + 1))[0]?.getTime();
        return at !== undefined && at > after && at <= until ? at : undefined;
      },
    });
  } catch (error) {
    return fail(`cron(${texts.join(' ')}): ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A field as the library has it: days of the week by name, as it counts them otherwise, and steps with their ends. */
function fieldOf(text: string, field: Field): string | undefined {
  const { other, names } = field;
  if (other?.test(text)) {
    if (text === '?' || field.name === 'day of month') return text;
    if (text === 'L') return 'SAT';
    const day = text.replace(/(?:L|#\d)$/, '');
    const name = /^\d$/.test(day) ? DAYS[Number(day) - 1] : day;
    return name !== undefined && names?.includes(name) ? name + text.slice(day.length) : undefined;
  }
  const parts = text.split(',').map((part) => rangeOf(part, field));
  return parts.every((part) => part !== undefined) ? parts.join(',') : undefined;
}

function rangeOf(text: string, { least, most, names }: Field): string | undefined {
  const [range = '', step, more] = text.split('/');
  if (more !== undefined || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return undefined;
  const suffix = step === undefined ? '' : `/${step}`;
  if (range === '*') return `*${suffix}`;
  const [from, to = step === undefined ? undefined : String(most), rest] = range.split('-');
  if (rest !== undefined) return undefined;
  const numberOf = (one: string | undefined): number | undefined => {
    const named = names?.indexOf(one ?? '') ?? -1;
    const number = named >= 0 ? named + least : /^\d{1,4}$/.test(one ?? '') ? Number(one) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  };
  const low = numberOf(from);
  if (low === undefined) return undefined;
  // The library counts days of the week from 0.
  const shown = (number: number): number => (names === DAYS ? number - 1 : number);
  if (to === undefined) return String(shown(low));
  const high = numberOf(to);
  if (high === undefined) return undefined;
  if (low <= high) return `${shown(low)}-${shown(high)}${suffix}`;
  // Over the end, as FRI-MON.
  const all = Array.from({ length: most - low + 1 + high - least + 1 }, (_, i) =>
    low + i > most ? low + i - most - 1 + least : low + i,
  );
  return all
    .filter((_, i) => i % Number(step ?? 1) === 0)
    .map(shown)
    .join(',');
}
