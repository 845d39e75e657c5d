import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';

/** The part of papaparse, an optional peer, that is used. */
interface Papaparse {
  /** The object that `parse` creates for each text: reusing it takes less than half of the time. */
  readonly Parser: new (config: {
    delimiter: string;
    newline: '\n';
    quoteChar: '"';
  }) => PapaparseParser;
}

interface PapaparseParser {
  parse(text: string, index: number, ignoresLastRow: boolean): { readonly data: string[][] };
}

let loaded: Papaparse | undefined;

/** Loads papaparse when the first CSV stream is opened. */
export function papaparse(): Papaparse {
  try {
    loaded ??= require('papaparse') as Papaparse;
    return loaded;
  } catch (cause) {
    throw new WaterMillError(
      'WM_PAPAPARSE_MISSING',
      'CSV needs the package papaparse, which cannot be loaded. Run npm install papaparse.',
      { expected: 'the package papaparse', found: reasonOf(cause) },
      { cause },
    );
  }
}
