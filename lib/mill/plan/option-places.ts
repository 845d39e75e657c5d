/** Options that belong to one place; in another one they would have no effect. */
export interface OptionPlace {
  /** As in an error: `It belongs to the broker`. */
  readonly place: string;
  readonly names: readonly string[];
}

/** The options of a mill that are part of its plan. */
export const planOptionNames: readonly string[] = [
  'process',
  'joinTree',
  'stream',
  'broker',
  'outputBroker',
  'container',
  'inputs',
];

export const inputOptions: OptionPlace = {
  place: 'an entry of inputs: [Class, { … }]',
  names: ['order', 'onBadMessage', 'idle', 'lag'],
};

/** A class has methods in place of the last two. */
export const processOptions: OptionPlace = {
  place: 'the process: @Process(source, { … }) or processFunction(source, { … }, …)',
  names: ['emits', 'inject', 'onError', 'concurrency', 'unmatched', 'atEnd'],
};

export const brokerOptions: OptionPlace = {
  place: 'the broker',
  names: ['group', 'onEnded', 'guarantee', 'topics', 'sources', 'sinks'],
};

/** `furtherNames`: those that the plan does not need. */
export function millOptions(furtherNames: readonly string[]): OptionPlace {
  return { place: 'the mill: new WaterMill({ … })', names: [...planOptionNames, ...furtherNames] };
}
