import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aFrame } from '../../testing/store.fixture.ts';
import { FrameSlots } from './frame-slots.ts';

it('gives each frame a slot of its own for as long as it is there, and no more slots than frames at once', () => {
  const change = fc.tuple(
    fc.nat(11).map((n) => `0/1.${n}`),
    fc.boolean(),
  );
  const commits = fc.array(fc.tuple(fc.array(change, { maxLength: 8 }), fc.boolean()), { maxLength: 30 });
  fc.assert(
    fc.property(commits, (all) => {
      let slots = new FrameSlots();
      const rows = new Map<number, string>();
      let most = 0;
      for (const [changes, reopened] of all) {
        if (reopened) slots = new FrameSlots([...rows].map(([slot, id]) => [id, slot]));
        const wanted = new Map(changes.map(([id, isThere]) => [id, isThere ? aFrame(id) : null]));
        const before = new Map([...rows].map(([slot, id]) => [id, slot]));
        const emptied = slots.place(wanted, (slot, frame) => {
          if (before.has(frame.id)) expect(slot).toBe(before.get(frame.id));
          rows.set(slot, frame.id);
        });
        for (const slot of emptied) expect(rows.delete(slot)).toBe(true);
        const expected = new Set(before.keys());
        for (const [id, frame] of wanted) {
          if (frame) expected.add(id);
          else expected.delete(id);
        }
        expect(new Set(rows.values())).toEqual(expected);
        expect(rows.size).toBe(expected.size);
        most = Math.max(most, before.size, expected.size);
        for (const slot of rows.keys()) expect(slot).toBeLessThan(most);
      }
    }),
  );
});
