/** Which waiting jobs may begin: vCPUs and memory of a compute environment are never given away twice. */

export interface Capacity {
  readonly milliCpus: number;
  /** MiB */
  readonly memory: number;
}

export interface Claim extends Capacity {
  readonly id: string;
  readonly environmentName: string;
  readonly priority: number;
}

export interface Admission {
  /** Whether it could run if nothing else did. */
  fits(claim: Omit<Claim, 'id' | 'priority'>): boolean;
  wait(claim: Claim): void;
  /** Gives back what it had, or its place among those that wait. */
  release(id: string): void;
  /**
   * Takes those out of the waiting that begin now. Higher priority first, then in the order in which they came; one that
   * does not fit yet holds up those behind it, so that large jobs get their turn.
   */
  admit(): readonly string[];
}

export function createAdmission(environments: Readonly<Record<string, Capacity>>): Admission {
  const waiting = new Map<string, Claim>();
  const admitted = new Map<string, Claim>();
  const free = new Map(Object.entries(environments));
  const within = (claim: Capacity, capacity: Capacity | undefined): capacity is Capacity =>
    capacity !== undefined && claim.milliCpus <= capacity.milliCpus && claim.memory <= capacity.memory;
  const change = ({ environmentName, milliCpus, memory }: Claim, sign: 1 | -1): void => {
    const now = free.get(environmentName);
    if (now)
      free.set(environmentName, {
        milliCpus: now.milliCpus + sign * milliCpus,
        memory: now.memory + sign * memory,
      });
  };
  return {
    fits: (claim) =>
      within(
        claim,
        Object.hasOwn(environments, claim.environmentName) ? environments[claim.environmentName] : undefined,
      ),
    wait: (claim) => void waiting.set(claim.id, claim),
    release: (id) => {
      waiting.delete(id);
      const claim = admitted.get(id);
      if (claim) change(claim, 1);
      admitted.delete(id);
    },
    admit: () => {
      const begun: string[] = [];
      const blocked = new Set<string>();
      for (const claim of [...waiting.values()].sort((a, b) => b.priority - a.priority)) {
        const { id, environmentName } = claim;
        if (blocked.has(environmentName)) continue;
        if (!within(claim, free.get(environmentName))) {
          blocked.add(environmentName);
          continue;
        }
        change(claim, -1);
        waiting.delete(id);
        admitted.set(id, claim);
        begun.push(id);
      }
      return begun;
    },
  };
}
