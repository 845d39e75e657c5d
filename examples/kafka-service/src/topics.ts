export interface Topics {
  readonly temperatures: string;
  readonly positions: string;
  readonly alarms: string;
  readonly deadLetters: string;
}

/** The prefix separates environments in one cluster: `staging-`, `production-`. */
export function topicsOf(prefix: string): Topics {
  return {
    temperatures: `${prefix}truck-temperatures`,
    positions: `${prefix}truck-positions`,
    alarms: `${prefix}cold-chain-alarms`,
    deadLetters: `${prefix}cold-chain-dead-letters`,
  };
}
