import { KafkajsMember } from '../../../lib/brokers/kafka/kafkajs/member.js';
import { KafkajsProducer } from '../../../lib/brokers/kafka/kafkajs/producer.js';

export type CallThatWrites = 'send' | 'commit';

/**
 * Lets calls of the client that write or commit fail from the first one on that `when` selects, as if the process were
 * gone. Must be followed by `jest.restoreAllMocks()`.
 */
export function dieWhen(when: (call: CallThatWrites, given: string) => boolean): void {
  let isDead = false;
  for (const [owner, name] of [
    [KafkajsProducer.prototype, 'send'],
    [KafkajsProducer.prototype, 'commit'],
    [KafkajsMember.prototype, 'commit'],
  ] as const) {
    const real = (owner as any)[name];
    jest.spyOn(owner as any, name).mockImplementation(function (this: unknown, ...given: any[]) {
      isDead ||= when(name, JSON.stringify(given));
      return isDead ? Promise.reject(new Error('the process is gone')) : real.apply(this, given);
    });
  }
}
