import type * as MessagesModule from '../../../lib/messages/index.js';

export type Messages = typeof MessagesModule;

/**
 * The stage with generated code, and as it works where code may not be generated. Both are separate copies, so that a
 * class declared with one and used with the other shows that two copies of the library agree.
 */
export const variants: readonly (readonly [name: string, messages: Messages])[] = [
  ['generated', load(false)],
  ['interpreted', load(true)],
];

function load(codeIsForbidden: boolean): Messages {
  let messages: Messages | undefined;
  jest.isolateModules(() => {
    if (codeIsForbidden) jest.doMock('../../../lib/base/compile.js', () => ({ compile: () => undefined }));
    else jest.dontMock('../../../lib/base/compile.js');
    messages = require('../../../lib/messages/index.js');
  });
  return messages!;
}

/** Returns the error message of a call, or `nothing thrown`. */
export function sentence(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing thrown';
}
