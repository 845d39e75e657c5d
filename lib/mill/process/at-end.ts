import { shownValue } from '../../base/shown-value.js';
import { notesOf } from '../plan/find/process-description.js';
import { expectMethod, misuse, refuseUncalled } from './decorated-method.js';

type AtEndDecorator = <F extends (...injected: any[]) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/**
 * Marks the method that is called once when the streams of a lane have ended: after the last window and the last
 * unmatched element, before the outputs get their end marks. Its parameters come from the container, like those of the
 * process method after the groups; there is no element, and no `WindowBounds`, `Origin` or `DataKey`. Its results are
 * written like those of the process method; a class that only it emits is found in its return annotation, otherwise add
 * it to `emits`.
 *
 * It is also called after an early end and an idle timeout. It is not called after `stop()`, after a failure, or if the
 * process itself ended the stream with `EndOfStream`. If a run is killed before the results are committed, the next run
 * calls it again; after the commit, the lane has ended, and it is not called again. If it throws, `onError` of the
 * process applies: with `fail` the lane has not ended, and the next run calls it again.
 *
 * @example @AtEnd() total(counter: Counter): Total { return message(Total, { views: counter.views }); }
 */
export function AtEnd(): AtEndDecorator;
export function AtEnd(...given: readonly unknown[]): AtEndDecorator {
  refuseUncalled('@AtEnd()', given);
  if (given.length > 0) {
    const found = shownValue(given[0]);
    throw misuse(
      `@AtEnd() takes no options, found ${found}. Declare the classes that it emits by @Process({ emits: […] }).`,
    );
  }
  return (target, key, descriptor) => {
    expectMethod('@AtEnd()', target, key, descriptor);
    notesOf(target).atEnd.push({ key });
  };
}
