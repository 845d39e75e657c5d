import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  DirectoryMessageBroker,
  type DirectoryOptions,
  Field,
  type Logger,
  Message,
  processFunction,
  WaterMill,
} from 'watermill';
import type { TemporaryDirectory } from '../../support/temporary-directory.js';

@Message()
export class Item {
  @Field() text!: string;
}

export const lines = (...texts: string[]): string => texts.map((text) => `${JSON.stringify({ text })}\n`).join('');

/** Creates an empty folder. */
export function newFolderIn(directory: TemporaryDirectory): string {
  const folder = directory.newPath();
  mkdirSync(folder);
  return folder;
}

/** Writes a file of elements, one per line. */
export function put(folder: string, name: string, ...texts: string[]): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, lines(...texts));
  return file;
}

export const atOnce: DirectoryOptions<Item> = { settleMs: 0, scanEveryMs: 1, end: 'when empty' };

/** A mill over one directory, whose calls record their elements, with its warnings. */
export function millOf(
  folder: string,
  { progress, options, ...mill }: { progress?: string; options?: DirectoryOptions<Item>; [name: string]: unknown } = {},
  call: (text: string) => unknown = () => {},
) {
  const seen: string[] = [];
  const warnings: string[] = [];
  const nothing = (): void => {};
  const logger: Logger = { debug: nothing, info: nothing, error: nothing, warn: (_, text) => void warnings.push(text) };
  const broker = new DirectoryMessageBroker({
    sources: [[Item, folder, { ...atOnce, ...options }]],
    ...(progress !== undefined && { progress }),
  });
  const process = processFunction(Item, { emits: [] }, async ({ text }) => {
    await call(text);
    seen.push(text);
  });
  return { seen, warnings, broker, mill: new WaterMill({ process, broker, logger, ...mill }) };
}
