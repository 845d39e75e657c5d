import type { ServerResponse } from 'node:http';
import { isDate } from '../../base/date.js';
import { realTime } from '../../base/real-time.js';
import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import type { Key } from '../../expressions/key.js';
import { writerOf } from '../../messages/index.js';
import { keyFromText, tupleFromTexts } from '../../tables/key-from-text.js';
import type { TableClass } from '../../tables/make-table.js';
import { TableOfLanes } from '../../tables/table-of-lanes.js';
import type { Health } from '../report/health.js';
import { type Route, reply, replyJson } from './http-server.js';

const below = '/tables/';
const jsonType = 'application/json; charset=utf-8';
/** Proxies close connections that are silent for a minute. */
const keepAliveMs = 15_000;

/** A served table, and how its elements are written. */
interface ShownTable {
  readonly name: string;
  /** Returns why elements may be missing: no lane has opened the table, or one is still reading its elements. */
  readonly whyPartial: () => string | undefined;
  readonly view: TableOfLanes<any>;
  readonly write: (element: any) => string;
}

/** The part of a mill that serves tables. */
interface MillWithTables {
  table?(table: TableClass<any, any>): unknown;
  health(): Health;
}

/**
 * Tables over HTTP: `/tables/NAME/KEY` is an element as JSON, `/tables/NAME?from=a&to=b&reverse&limit=10` an array,
 * `/tables/NAME/changes` its changes as server-sent events. Errors are `{ "error": … }`. Before a lane has
 * opened its tables, what is not found may exist, and an array would lack elements: then the answer is 503.
 */
export function tableRoutes(mill: MillWithTables, tables: readonly TableClass<any, any>[]): readonly Route[] {
  const shown = new Map<string, ShownTable>();
  for (const table of tables) {
    const view = mill.table?.(table);
    if (!(view instanceof TableOfLanes)) continue;
    const whyPartial = (): string | undefined => partialText(view, mill.health());
    shown.set(view.name, { name: view.name, whyPartial, view, write: writerOf(table.message) });
  }
  return [{ path: below, answer: (url, response) => answering(response, () => answer(shown, url, response)) }];
}

function answer(tables: ReadonlyMap<string, ShownTable>, url: URL, response: ServerResponse): void {
  const [name = '', ...rest] = url.pathname.slice(below.length).split('/').map(decodeURIComponent);
  const table = tables.get(name);
  const [first, ...more] = rest;
  if (table === undefined) {
    const there = [...tables.keys()].join(', ');
    replyJson(response, 404, { error: `There is no table ${name}. There are: ${there}.` });
  } else if (first === undefined || (first === '' && more.length === 0)) sendRange(table, url, response);
  else if (first === 'changes' && more.length === 0) sendChanges(table, url, response);
  else sendOne(table, rest, response);
}

/** Answers errors of a request; other errors are rethrown. */
function answering(response: ServerResponse, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isWaterMillError(error) && !(error instanceof URIError)) throw error;
    const text =
      error instanceof URIError
        ? 'The path has a % that is not part of UTF-8 in hexadecimal digits, as %20 is.'
        : error.message;
    replyJson(response, 400, { error: text });
  }
}

/** A response that has begun and cannot be completed is aborted. */
function ending(response: ServerResponse, sending: Promise<void>): void {
  sending.catch(() => response.destroy());
}

function sendOne(
  { name, whyPartial, view, write }: ShownTable,
  parts: readonly string[],
  response: ServerResponse,
): void {
  const { keyType } = view;
  const isTuple = typeof keyType === 'object' && parts.length > 1;
  const key = isTuple ? tupleFromTexts(parts, keyType) : keyFromText(parts.join('/'), keyType);
  const element = view.get(key);
  const error = element === undefined ? whyPartial() : undefined;
  if (error !== undefined) replyJson(response, 503, { error });
  else if (element === undefined) replyJson(response, 404, { error: `${name} has no ${parts.join('/')}.` });
  else reply(response, 200, jsonType, `${write(element)}\n`);
}

function partialText({ name, hasLanes }: TableOfLanes<any>, { lanes }: Health): string | undefined {
  if (lanes.some(({ restoring }) => restoring !== undefined))
    return `${name} is being restored, and not complete yet. Ask again when /readyz answers with 200.`;
  if (!hasLanes) return `${name} is not here: the mill is starting, or other processes have all its lanes.`;
  return undefined;
}

function sendRange({ whyPartial, view, write }: ShownTable, { searchParams }: URL, response: ServerResponse): void {
  refuseUnknown(searchParams, ['from', 'to', 'reverse', 'limit']);
  const border = (name: string): Key | undefined => {
    const text = searchParams.get(name);
    return text === null ? undefined : keyFromText(text, view.keyType);
  };
  const limit = searchParams.get('limit');
  const reverse = searchParams.get('reverse');
  if (!['', 'true', 'false', null].includes(reverse)) throw wrongQuery('reverse', 'true or false', reverse);
  if (limit !== null && !/^\d+$/.test(limit)) throw wrongQuery('limit', 'a whole number', limit);
  const elements = view.range({
    from: border('from'),
    to: border('to'),
    reverse: reverse === '' || reverse === 'true',
    limit: limit === null ? undefined : Number(limit),
  });
  const error = whyPartial();
  if (error !== undefined) replyJson(response, 503, { error });
  else ending(response, sendList(elements, write, response));
}

/** Only a part of the elements is text at a time, however many there are. */
async function sendList(
  elements: Iterable<object>,
  write: (element: object) => string,
  response: ServerResponse,
): Promise<void> {
  if (head(response, jsonType)) return;
  let text = '[';
  let isFirst = true;
  for (const element of elements) {
    text += `${isFirst ? '' : ','}\n${write(element)}`;
    isFirst = false;
    if (text.length < 65_536) continue;
    if (!(await sent(response, text))) return;
    text = '';
  }
  response.end(`${text}${isFirst ? '' : '\n'}]\n`);
}

function sendChanges({ view, write }: ShownTable, { searchParams }: URL, response: ServerResponse): void {
  refuseUnknown(searchParams, ['from']);
  const from = searchParams.get('from') ?? 'now';
  if (from !== 'now' && from !== 'beginning') throw wrongQuery('from', 'now or beginning', from);
  if (head(response, 'text/event-stream; charset=utf-8')) return;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  ending(response, follow(view.changes({ from, signal: gone.signal }), write, response));
}

async function follow(
  changes: ReturnType<TableOfLanes<any>['changes']>,
  write: (element: object) => string,
  response: ServerResponse,
): Promise<void> {
  // Sends the headers immediately: a client wants to know that it is connected.
  response.write(': these are the changes of a table\n\n');
  const alive = realTime.setInterval(() => response.write(':\n\n'), keepAliveMs);
  try {
    for await (const { key, value } of changes) {
      const element = value === undefined ? '' : `,"value":${write(value)}`;
      if (!(await sent(response, `data: {"key":${JSON.stringify(plainKey(key))}${element}}\n\n`))) return;
    }
    response.end();
  } finally {
    realTime.clearInterval(alive);
  }
}

/** False if the client has disconnected. */
async function sent(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(text)) return true;
  return new Promise((resolve) => {
    const done = (isThere: boolean) => () => {
      response.off('drain', drained);
      response.off('close', closed);
      resolve(isThere);
    };
    const drained = done(true);
    const closed = done(false);
    response.once('drain', drained);
    response.once('close', closed);
  });
}

/** Returns whether only the headers were requested. */
function head(response: ServerResponse, type: string): boolean {
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  response.writeHead(200, headers);
  const isAll = response.req.method === 'HEAD';
  if (isAll) response.end();
  return isAll;
}

/** The key as in a message. */
function plainKey(key: unknown): unknown {
  if (Array.isArray(key)) return key.map(plainKey);
  if (typeof key === 'bigint') return String(key);
  return isDate(key) ? key.toISOString() : key;
}

function refuseUnknown(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name)) continue;
    throw new WaterMillError('WM_TABLE_RANGE', `The query has ${name}, which is not one of ${known.join(', ')}.`);
  }
}

function wrongQuery(name: string, expected: string, found: unknown): WaterMillError {
  return new WaterMillError('WM_TABLE_RANGE', `The query has ${name}=${found}; expected ${expected}.`);
}
