import type { Broker, BrokerLane, Connection } from './seam.js';

/** Wraps a broker: every call of its parts is reported to `onCall` first, which may throw. */
export function watched<B extends Broker>(broker: B, onCall: (call: string) => void): B {
  const watch = <T extends object>(target: T, wrap: Record<string, (result: any) => unknown> = {}): T =>
    new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name, object);
        if (typeof member !== 'function' || name === 'streamOf') return member;
        return (...args: unknown[]) => {
          onCall(String(name));
          const result = member.apply(object, args);
          const wrapped = wrap[String(name)];
          if (wrapped === undefined) return result;
          return result instanceof Promise ? result.then(wrapped) : wrapped(result);
        };
      },
    });
  const lane = (each: BrokerLane) => watch(each, { openReader: watch, openTables: watch });
  const connection = (each: Connection) =>
    watch(each, {
      lanes: (lanes: Iterable<BrokerLane>) => [...lanes].map(lane),
      openWriter: (writer) => watch(writer),
    });
  return watch(broker, { connect: connection });
}
