import { parse } from 'node:path';
import type { MessageClass } from '../../../base/class.js';
import { shellWord } from '../../../base/shell-word.js';
import type { StreamEntry } from '../../../brokers/broker.js';
import { sortFieldsOf } from '../../../expressions/sort-fields.js';
import { schemaOf } from '../../../messages/index.js';

/** The stream of a class that is to be sorted. */
interface Unsorted {
  readonly name: string;
  readonly message: MessageClass<any>;
  readonly input: StreamEntry;
}

/**
 * The command line that sorts the file of a stream by a key; undefined if the stream is not a file that can be sorted,
 * or the key does not consist of fields that the command can name.
 */
export function sortCommand({ name, message, input }: Unsorted, key: object): string | undefined {
  const fields = sortFieldsOf(key);
  const [file, ...options] = (fields === undefined ? undefined : input.sortArguments?.()) ?? [];
  if (file === undefined || fields === undefined) return undefined;
  const isField = ([property]: readonly string[]): boolean =>
    schemaOf(message).fields.some((field) => field.property === property);
  if (!fields.every((path) => isField(path) && path.every(isName))) return undefined;
  const inFile = fields.map((path) => nameInFile(message, path, input.texts === true));
  const needsClass = inFile.includes(undefined);
  const by = needsClass ? fields.map((path) => path.join('.')) : inFile;
  const ofClass = needsClass ? ['--class', `MODULE.js#${name}`] : [];
  const { dir, name: base, ext } = parse(file.replace(/\.gz$/i, ''));
  const output = `${dir === '' || dir.endsWith('/') ? dir : `${dir}/`}${base}.sorted${ext}`;
  const words = ['npx', 'watermill', 'sort', file, '--by', by.join(','), ...ofClass, ...options, '--output', output];
  const command = words.map(shellWord).join(' ');
  return needsClass ? `${command}, where MODULE.js exports ${name}` : command;
}

/** The name of a field in the file; undefined if its values in the file compare differently without the class. */
function nameInFile(
  message: MessageClass<any>,
  [property, ...inside]: readonly string[],
  areTexts: boolean,
): string | undefined {
  const field = schemaOf(message).fields.find((each) => each.property === property);
  if (field === undefined || !isName(field.name)) return undefined;
  const { type } = field;
  if (inside.length > 0) {
    if (areTexts || type.kind !== 'message') return undefined;
    const rest = nameInFile(type.message, inside, areTexts);
    return rest === undefined ? undefined : `${field.name}.${rest}`;
  }
  // Texts that look like numbers would be sorted as numbers.
  const isAlike = type.kind === 'number' || (!areTexts && ['string', 'boolean', 'choice'].includes(type.kind));
  return isAlike ? field.name : undefined;
}

/** Names are separated by commas and dots. */
function isName(name: string): boolean {
  return !/[.,\s]/.test(name);
}
