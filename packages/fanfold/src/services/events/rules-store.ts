/** Rules and their targets in SQLite: the statements. */
import type { Database } from '../../database/database.ts';
import type { JsonObject } from '../../json.ts';

export interface RuleSettings {
  readonly description?: string;
  readonly pattern?: JsonObject;
  /** `rate(…)` or `cron(…)`. */
  readonly schedule?: string;
  /** In which `cron(…)` is read. @defaultValue UTC */
  readonly timezone?: string;
  /** Of the times that passed while nobody was there: one is made up for, or none. @defaultValue once */
  readonly missed?: 'once' | 'skip';
  /** @defaultValue true */
  readonly enabled?: boolean;
}

export interface Rule extends RuleSettings {
  readonly name: string;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly firedUntil: number;
}

/** As PutTargets has it: Id, Arn, and what is sent. */
export type Target = JsonObject & { readonly Id: string; readonly Arn: string };

export interface RulesStore {
  rules(): readonly Rule[];
  rule(name: string): Rule | undefined;
  /** Names of those that the project file had. */
  ofProject(): readonly string[];
  /** Makes it or replaces its settings; its targets stay. What a changed schedule would have been due for is over. */
  put(name: string, settings: RuleSettings, params: { readonly now: number; readonly ofProject: boolean }): void;
  enable(name: string, enabled: boolean, now: number): void;
  delete(name: string): void;
  /** All that was due until then has been handed over. */
  fired(name: string, until: number): void;
  targets(rule: string): readonly Target[];
  putTarget(rule: string, target: Target): void;
  removeTarget(rule: string, id: string): boolean;
}

interface Row {
  readonly name: string;
  readonly description: string | null;
  readonly pattern: string | null;
  readonly schedule: string | null;
  readonly timezone: string | null;
  readonly missed: 'once' | 'skip';
  readonly enabled: number;
  readonly created_at: number;
  readonly fired_until: number;
}

const PUT = `
  INSERT INTO rules (name, description, pattern, schedule, timezone, missed, enabled, of_project, created_at, fired_until)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
  ON CONFLICT (name) DO UPDATE SET description = excluded.description, pattern = excluded.pattern,
    fired_until = CASE WHEN schedule IS excluded.schedule AND timezone IS excluded.timezone AND enabled = excluded.enabled
      THEN fired_until ELSE excluded.fired_until END,
    schedule = excluded.schedule, timezone = excluded.timezone, missed = excluded.missed, enabled = excluded.enabled,
    of_project = excluded.of_project`;
const PUT_TARGET = `
  INSERT INTO targets (rule_id, name, body) VALUES ((SELECT id FROM rules WHERE name = ?), ?, ?)
  ON CONFLICT (rule_id, name) DO UPDATE SET body = excluded.body`;

export function createRulesStore(db: Database): RulesStore {
  const write = (sql: string, ...values: (string | number | null)[]): number =>
    db.transaction(() => Number(db.prepare(sql).run(...values).changes));
  return {
    rules: () => (db.prepare('SELECT * FROM rules ORDER BY name').all() as unknown as Row[]).map(ruleOf),
    rule: (name) => {
      const row = db.prepare('SELECT * FROM rules WHERE name = ?').get(name) as Row | undefined;
      return row && ruleOf(row);
    },
    ofProject: () =>
      db
        .prepare('SELECT name FROM rules WHERE of_project = 1')
        .all()
        .map((row) => String((row as { name: string }).name)),
    put: (name, { description, pattern, schedule, timezone, missed = 'once', enabled = true }, { now, ofProject }) => {
      const text = pattern === undefined ? null : JSON.stringify(pattern);
      const place = [schedule ?? null, timezone ?? null] as const;
      write(PUT, name, description ?? null, text, ...place, missed, Number(enabled), Number(ofProject), now);
    },
    enable: (name, enabled, now) =>
      void write(
        'UPDATE rules SET fired_until = CASE WHEN enabled = ?1 THEN fired_until ELSE ?2 END, enabled = ?1 WHERE name = ?3',
        Number(enabled),
        now,
        name,
      ),
    delete: (name) => void write('DELETE FROM rules WHERE name = ?', name),
    fired: (name, until) =>
      void write('UPDATE rules SET fired_until = ?1 WHERE name = ?2 AND fired_until < ?1', until, name),
    targets: (rule) =>
      db
        .prepare('SELECT body FROM targets WHERE rule_id = (SELECT id FROM rules WHERE name = ?) ORDER BY id')
        .all(rule)
        .map((row) => JSON.parse(String((row as { body: string }).body)) as Target),
    putTarget: (rule, target) => void write(PUT_TARGET, rule, target.Id, JSON.stringify(target)),
    removeTarget: (rule, id) =>
      write('DELETE FROM targets WHERE rule_id = (SELECT id FROM rules WHERE name = ?) AND name = ?', rule, id) > 0,
  };
}

function ruleOf(row: Row): Rule {
  const { name, description, pattern, schedule, timezone, missed, enabled } = row;
  return {
    name,
    ...(description !== null && { description }),
    ...(pattern !== null && { pattern: JSON.parse(pattern) as JsonObject }),
    ...(schedule !== null && { schedule }),
    ...(timezone !== null && { timezone }),
    missed,
    enabled: enabled === 1,
    createdAt: row.created_at,
    firedUntil: row.fired_until,
  };
}
