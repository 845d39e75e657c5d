import type { Class } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { type Fold, isFoldedWindow } from '../../../joins/folded-window.js';
import { isTree, type Join } from '../../../joins/tree.js';
import { isWindow, type WindowDescription } from '../../../joins/windows/window.js';
import { isMessageClass } from '../../../messages/schema.js';
import { describeValue } from '../in-words.js';
import type { PlanOptions } from '../plan-options.js';
import type { FoundProcess } from './find-process.js';
import { printType, readMetadata } from './metadata.js';

/** The source of a mill: a master, with or without windows and edges. */
export interface SourceParts {
  readonly master: Class;
  readonly window: WindowDescription | undefined;
  readonly edges: readonly Join<any, any>[];
  /** How the elements of the window are folded. */
  readonly fold: Fold | undefined;
}

/** The source from the process, the mill's `joinTree` or `stream`, or otherwise the class of the first parameter. */
export function findSource(options: PlanOptions, process: FoundProcess): SourceParts {
  const named = namedSource(options);
  const carried = process.source;
  if (named !== undefined && carried !== undefined && named.value !== carried) {
    throw wrongSource(
      `${process.name} was written for ${describeSource(carried)}, and ${named.option} is another, ` +
        `${describeSource(named.value)}. Leave ${named.option} out, or pass the same object that the process was written for.`,
    );
  }
  const source = named?.value ?? carried ?? firstParameter(process);
  return partsOf(source, named?.option ?? process.name);
}

function namedSource(options: PlanOptions): { option: string; value: unknown } | undefined {
  const { joinTree, stream } = options;
  if (joinTree !== undefined && stream !== undefined) {
    throw wrongSource('joinTree and stream were both given. A mill reads one source: leave one of them out.');
  }
  if (joinTree !== undefined) {
    if (isTree(joinTree) || (isFoldedWindow(joinTree) && isTree(joinTree.source)))
      return { option: 'joinTree', value: joinTree };
    const fix = isWindow(joinTree) || isMessageClass(joinTree) ? 'Give it as stream.' : 'Make it with joinStreams(…).';
    throw wrongSource(`joinTree: expected a join tree, found ${describeValue(joinTree)}. ${fix}`);
  }
  return stream === undefined ? undefined : { option: 'stream', value: stream };
}

function partsOf(source: unknown, where: string): SourceParts {
  if (isFoldedWindow(source)) return { ...partsOf(source.source, where), fold: source.fold };
  const fold = undefined;
  if (isTree(source)) return { master: source.master, window: source.window, edges: source.edges, fold };
  if (isWindow(source)) return { master: source.master, window: source.description, edges: [], fold };
  if (isMessageClass(source)) return { master: source, window: undefined, edges: [], fold };
  throw wrongSource(
    `${where}: expected a join tree, a window or a message class as the source, found ${describeValue(source)}. ` +
      'Make a tree with joinStreams(…), a window with window(…), or write @Message() above the class.',
  );
}

/** A mill of one stream need not name it: the master's class is that of the first parameter. */
function firstParameter(process: FoundProcess): unknown {
  if (process.what === 'function') {
    throw wrongSource(
      `${process.name}: its source is undefined. Give it a tree, a window or a message class, processFunction(source, options, fn); ` +
        'if that is imported, look for a circular import.',
    );
  }
  const fix = 'Give the mill a joinTree or a stream, or write @Process(source).';
  const type = readMetadata(process.prototype, process.callee).parameters?.[0];
  if (isMessageClass(type)) return type;
  if (type === Array) {
    throw wrongSource(
      `${process.name}: parameter 1 is an array, whose elements' class metadata does not show. ` +
        'Give the mill the window: stream: window(C, key).',
    );
  }
  const found =
    type === undefined
      ? 'and metadata shows no class of parameter 1'
      : `and parameter 1 is ${printType(type)}, no message class`;
  throw wrongSource(`${process.name}: its source is unknown: there is neither joinTree nor stream, ${found}. ${fix}`);
}

function describeSource(source: unknown): string {
  if (isFoldedWindow(source)) return `a folded window over ${source.source.master.name}`;
  if (isTree(source)) return `a join tree over ${source.master.name}`;
  if (isWindow(source)) return `a window over ${source.master.name}`;
  return describeValue(source);
}

function wrongSource(sentence: string): WaterMillError {
  return new WaterMillError('WM_SOURCE', sentence);
}
