import type { MessageClass } from '../base/class.js';
import { shownText } from '../base/shown-text.js';
import { shownValue } from '../base/shown-value.js';
import { isMessageClass } from '../messages/index.js';
import { commandError } from './command-error.js';
import { exportOf, loadModule } from './load-module.js';

/** Loads the message class of a reference like `messages.js#Flight`. */
export async function loadClass(reference: string): Promise<MessageClass<any>> {
  const at = reference.lastIndexOf('#');
  if (at <= 0 || at === reference.length - 1) {
    throw commandError(
      `--class ${shownText(reference, 200)}: expected a module and a class that it exports, as messages.js#Flight.`,
    );
  }
  const [file, name] = [reference.slice(0, at), reference.slice(at + 1)];
  const found = exportOf(await loadModule(file), name);
  if (isMessageClass(found)) return found;
  const shown = found === undefined ? 'nothing' : shownValue(found);
  throw commandError(`${file} exports ${shown} as ${name}, expected a class with @Message.`, { file, name });
}
