export const trucks = ['ALP-1', 'ALP-2', 'ALP-3', 'SEA-1', 'SEA-2', 'SEA-3', 'SEA-4', 'SEA-5'] as const;

/** The number of steps between two positions of a lorry. */
const stepsPerPosition = 5;
/** Now and then a lorry is unloaded: its door is open for a few steps. */
const round = 40;
const openFor = 3;

export interface Sample {
  readonly temperatures: readonly object[];
  readonly positions: readonly object[];
}

/** Returns the messages of all lorries in one step. */
export function sampleOf(step: number, at: Date): Sample {
  const temperatures = trucks.map((truck, i) => {
    const isOpen = (step + 7 * i) % round < openFor;
    return { truck, at, celsius: rounded((isOpen ? 9 : 4) + Math.sin(step / 10 + i)) };
  });
  const positions = trucks
    .map((truck, i) => ({
      truck,
      at,
      latitude: rounded(47 + i / 10 + Math.sin(step / 500)),
      longitude: rounded(8 + Math.cos(step / 500)),
    }))
    .filter((_, i) => (step + i) % stepsPerPosition === 0);
  return { temperatures, positions };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
