import type { Class } from '../../../base/class.js';
import type { WaterMillError } from '../../../base/watermill-error.js';
import { byteWriterOf, writerOf } from '../../../messages/index.js';
import type { ConnectRequest, LaneName, OutputRequest } from '../../broker.js';
import { optionsError } from '../../broker-options.js';
import type { TextFormat } from '../../formats/format.js';
import { rowWriterOf } from '../../formats/row-writer.js';
import { type FileFormat, formatByName } from '../../parsing/file-format.js';
import type { FileEntry } from '../file-entry.js';
import { laneFileName, partialName } from '../file-names.js';
import type { JsonFileSettings } from '../json-file-options.js';
import { arrayFraming, lineFraming, rowFraming } from './framing.js';
import { outputRefused } from './output-errors.js';
import { type OutputPlace, outputPlaceOf } from './output-place.js';
import type { OutputTarget } from './output-target.js';
import { bytesTaker } from './taken-text.js';

/** The checked destinations of every lane's results. */
export async function targetsOf(
  settings: JsonFileSettings,
  request: ConnectRequest,
): Promise<Map<LaneName, OutputTarget[]>> {
  const { inputs, outputs, lanes = 1 } = request;
  // If another broker keeps the progress, it relies on flushed results.
  const durable = settings.group !== undefined || request.lanes !== undefined || inputs.length === 0;
  const targets = new Map<LaneName, OutputTarget[]>(laneNames(lanes).map((lane) => [lane, []]));
  for (const output of outputs) {
    const { id, label, format: rows, follow } = output.entry as FileEntry;
    if (follow) throw followedOutput(output.message.name, label);
    const place = await outputPlaceOf(id, label);
    if (place.isStream) refuseAsStream(place.path, settings, rows, request);
    for (const [lane, made] of targets) {
      const own = lanes === 1 ? place : await outputPlaceOf(laneFileName(id, lane), laneFileName(label, lane));
      made.push(targetOf(own, output, settings, durable));
    }
  }
  return targets;
}

function laneNames(lanes: number): LaneName[] {
  return Array.from({ length: lanes }, (_, lane) => String(lane));
}

function targetOf(
  { path, isStream }: OutputPlace,
  { message, entry }: OutputRequest,
  settings: JsonFileSettings,
  durable: boolean,
): OutputTarget {
  const partial = partialName(path, settings.group);
  return {
    path,
    isStream,
    partial,
    message: message.name,
    durable,
    ...textOf(message, entry as FileEntry, isStream ? 'ndjson' : (settings.format ?? formatByName(path))),
  };
}

/** How elements are converted to text, and the text around them. */
function textOf(
  message: Class,
  { codec, format: rows }: FileEntry,
  json: FileFormat,
): Pick<OutputTarget, 'take' | 'framing'> {
  if (rows !== undefined) {
    const { write, header } = rowWriterOf(rows, message, codec);
    return { take: write, framing: rowFraming(header) };
  }
  const framing = json === 'ndjson' ? lineFraming : arrayFraming;
  const write = writerOf(message, codec);
  const bytes = codec?.serializer === undefined ? byteWriterOf(message, framing.next, framing.after) : undefined;
  return { take: bytes === undefined ? write : bytesTaker(bytes, write), framing };
}

function followedOutput(name: string, path: string): WaterMillError {
  const what = `The option 'follow' of ${name}`;
  return optionsError('JsonFileMessageBroker', what, 'an input, since only those are waited for', `the output ${path}`);
}

/** Throws if output to a pipe would have to be undone, or to be an array, which it is not before it has ended. */
function refuseAsStream(
  path: string,
  { group, format }: JsonFileSettings,
  rows: TextFormat | undefined,
  { lanes = 1, exactlyOnce }: ConnectRequest,
): void {
  const what = 'a pipe or the standard output';
  if (group !== undefined) {
    const reason = `a resumed mill would write its results again, which the group '${group}' is meant to prevent`;
    throw outputRefused(path, what, `Results there cannot be undone: ${reason}. Leave the group out, or name a file.`);
  }
  if (exactlyOnce) {
    const reason = 'and the mill is to write each result exactly once';
    throw outputRefused(path, what, `Results there cannot be undone, ${reason}: name a file, or use at-least-once.`);
  }
  if (format === 'array' && rows === undefined) {
    throw outputRefused(
      path,
      what,
      "Results are written there line by line: leave out format: 'array', or name a file.",
    );
  }
  if (lanes > 1) {
    throw outputRefused(path, what, `The ${lanes} lanes of this mill write a file each: name a file.`);
  }
}
