/** Amounts as Kubernetes writes them: `500m`, `2`, `512Mi`, `1G`. */

const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** @returns undefined when it is no amount */
export function readQuantity(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?(?:[eE]\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text);
  return match ? Number(match[1]) * (FACTORS[match[2] ?? ''] ?? 1) : undefined;
}
