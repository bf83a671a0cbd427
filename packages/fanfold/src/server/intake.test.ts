import { describe, expect, it } from 'vitest';
import { createIntake, type Intake } from './intake.ts';

function intakeOf(most: number): {
  intake: Intake;
  ask(name: string, bytes: number): void;
  turn(): Promise<void>;
  read: string[];
} {
  const turns: (() => void)[] = [];
  const read: string[] = [];
  const intake = createIntake({ most, soon: (run) => turns.push(run) });
  return {
    intake,
    read,
    ask: (name, bytes) => {
      const turn = intake.turn(bytes);
      if (turn) void turn.then(() => read.push(name));
      else read.push(name);
    },
    turn: async () => {
      for (const run of turns.splice(0)) run();
      await Promise.resolve();
    },
  };
}

describe('requests that wait for their turn', () => {
  it('are looked at while there is something left of this turn, and then in their order in the next ones', async () => {
    const { ask, turn, read } = intakeOf(6000);
    for (const name of ['a', 'b', 'c', 'd']) ask(name, 4000);
    expect(read).toEqual(['a', 'b']);
    ask('small', 10);
    expect(read).toEqual(['a', 'b']);
    await turn();
    expect(read).toEqual(['a', 'b', 'c', 'd']);
    await turn();
    expect(read).toEqual(['a', 'b', 'c', 'd', 'small']);
  });

  it('have a turn of their own when they are longer than that', async () => {
    const { ask, turn, read } = intakeOf(6000);
    ask('a', 10);
    ask('long', 1_000_000);
    ask('longer', 2_000_000);
    expect(read).toEqual(['a', 'long']);
    await turn();
    expect(read).toEqual(['a', 'long', 'longer']);
  });

  it('do not wait where nothing came in this turn', async () => {
    const { ask, turn, read } = intakeOf(6000);
    ask('a', 7000);
    await turn();
    ask('b', 7000);
    expect(read).toEqual(['a', 'b']);
    await turn();
    await turn();
    ask('c', 1);
    expect(read).toEqual(['a', 'b', 'c']);
  });

  it('are many in one turn where they are small', () => {
    const { ask, read } = intakeOf(6000);
    for (let i = 0; i < 100; i++) ask(String(i), 250);
    expect(read).toHaveLength(8);
  });
});
