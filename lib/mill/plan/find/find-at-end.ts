import type { MessageClass } from '../../../base/class.js';
import { listed } from '../../../base/shown-text.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { isMessageClass } from '../../../messages/schema.js';
import { counted, describeValue } from '../in-words.js';
import type { AtEndPlan, InjectedParameter, TableParameter } from '../plan.js';
import { callValues } from './call-values.js';
import { emitsOfMethod } from './find-emits.js';
import type { FoundFunction, FoundMethod, FoundProcess } from './find-process.js';
import type { FoundTables } from './found-tables.js';
import { type FurtherMethod, injectedOfMethod, injectedParameter } from './injected-parameter.js';
import { missingMetadata, printType, readMetadata } from './metadata.js';

/** The function to call when the streams have ended, and the classes that only it emits. */
export interface FoundAtEnd {
  readonly atEnd: AtEndPlan | undefined;
  readonly emits: readonly MessageClass<any>[];
}

export function findAtEnd(process: FoundProcess, tables: FoundTables): FoundAtEnd {
  return process.what === 'function'
    ? { atEnd: atEndFunction(process, tables), emits: [] }
    : atEndMethod(process, tables);
}

function atEndFunction(process: FoundFunction, tables: FoundTables): AtEndPlan | undefined {
  const { atEnd, inject = [] } = process.settings;
  if (atEnd === undefined) return undefined;
  if (typeof atEnd !== 'function') {
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      `${process.name}: atEnd: expected a function, found ${describeValue(atEnd)}.`,
    );
  }
  const name = `the function atEnd of ${process.name}`;
  return { name, callee: atEnd, injected: injectedAsTheProcess(name, atEnd.length, inject, tables) };
}

function atEndMethod(process: FoundMethod, tables: FoundTables): FoundAtEnd {
  const [note, ...more] = process.atEnd;
  if (note === undefined) return { atEnd: undefined, emits: [] };
  if (more.length > 0) {
    const methods = process.atEnd.map((each) => String(each.key)).sort();
    throw new WaterMillError(
      'WM_PROCESS_SEVERAL',
      `process: the class ${process.className} has ${methods.length} methods marked with @AtEnd, ${listed(methods)}. ` +
        'A mill calls one: leave @AtEnd on that one, and let it call the others.',
      { found: methods.join(', ') },
    );
  }
  const { key } = note;
  const name = `${process.className}.${String(key)}`;
  const { parameters, returns } = readMetadata(process.prototype, key);
  const method = { process, key, name, tables };
  const injected = parameters?.map((type, i) => parameterAtEnd(method, i, type));
  const atEnd = { name, callee: key, injected: injected ?? withoutMetadata(method) };
  if (process.settings.emits === undefined) return { atEnd, emits: emitsOfMethod(process, key, name) };
  return { atEnd, emits: isMessageClass(returns) ? [returns] : [] };
}

function parameterAtEnd(method: FurtherMethod, index: number, type: unknown) {
  const { name } = method;
  const parameter = injectedOfMethod(method, index, type);
  if (parameter.what === 'table' || parameter.token !== type || !isMessageClass(type)) return parameter;
  throw new WaterMillError(
    'WM_PARAMETER',
    `${name}: parameter ${index + 1} is of the message class ${printType(type)}. When the streams have ended there is no element: leave it out, or name a token with @Inject(${printType(type)}) if the container does hold one.`,
    { found: printType(type) },
  );
}

/** Without metadata, the parameters are those that the process injects. */
function withoutMetadata({ process, key, name, tables }: FurtherMethod) {
  const { length } = (process.prototype as Record<string | symbol, Function>)[key] as Function;
  const { inject } = process.settings;
  if (inject === undefined && length > 0) throw missingMetadata(name, 'parameters');
  return injectedAsTheProcess(name, length, inject ?? [], tables);
}

/** The tokens that the process injects, without the values of a call. */
function injectedAsTheProcess(
  name: string,
  declared: number,
  inject: readonly unknown[],
  tables: FoundTables,
): (InjectedParameter | TableParameter)[] {
  const tokens = Array.isArray(inject) ? inject.filter((token) => !callValues.has(token)) : [];
  if (declared > tokens.length) {
    throw new WaterMillError(
      'WM_PARAMETER',
      `${name} has ${counted(declared, 'parameter')} and receives ${tokens.length}: what the process injects, without the values of a call. ` +
        'When the streams have ended there is no element: name what is missing in inject.',
      { expected: counted(tokens.length, 'parameter'), found: `${declared}` },
    );
  }
  return tokens.map((token, i) => {
    const place = `parameter ${i + 1} of ${name}`;
    return tables.find(token, place) ?? injectedParameter(token, place);
  });
}
