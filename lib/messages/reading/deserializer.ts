import { memberOrNothing, safely } from '../../base/shown-value.js';
import { reasonOf, thrownSentence } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { type Deserializer, isPromise } from '../codec.js';
import { CodecProblem, type FieldProblem, fieldPath, isFieldProblem } from '../field-problem.js';
import type { MessageSchema } from '../message-schema.js';
import type { StandardIssue, StandardSchemaV1 } from '../standard-schema.js';
import { wordsForValue } from '../words.js';

type Deserialize = (raw: unknown) => unknown;

/** Makes one function for both kinds of deserializers. It throws FieldProblem, or WaterMillError for misuse. */
export function deserializeWith(schema: MessageSchema, deserializer: Deserializer<any>): Deserialize {
  // An arktype schema is a function too: it is used as a schema.
  const deserialize =
    '~standard' in deserializer ? validateWith(schema, deserializer) : callOf(deserializer as Deserialize);
  return (raw) => {
    const made = deserialize(raw);
    if (isPromise(made)) throw asynchronous(schema);
    if (typeof made === 'object' && made !== null) return made;
    throw new CodecProblem(
      '',
      `the deserializer must return an element of ${schema.name} or its fields, but returned ${given(made)}.`,
    );
  };
}

function given(made: unknown): string {
  return made === undefined ? 'nothing' : wordsForValue(made);
}

function callOf(deserializer: Deserialize): Deserialize {
  return (raw) => {
    try {
      return deserializer(raw);
    } catch (cause) {
      if (isFieldProblem(cause)) throw cause;
      throw new CodecProblem('', `the deserializer threw: ${thrownSentence(cause)}`, { cause });
    }
  };
}

function validateWith(schema: MessageSchema, standard: StandardSchemaV1<any, any>): Deserialize {
  const { vendor } = standard['~standard'];
  const validate = callOf((raw) => standard['~standard'].validate(raw));
  return (raw) => {
    const result = validate(raw);
    if (isPromise(result)) throw asynchronous(schema);
    if (typeof result !== 'object' || result === null) {
      throw new CodecProblem(
        '',
        `the schema (${vendor}) must return { value } or { issues }, but returned ${given(result)}.`,
      );
    }
    const { issues, value } = result as { readonly issues?: unknown; readonly value?: unknown };
    if (issues !== undefined && issues !== null) throw problemOf(issues, vendor);
    return value;
  };
}

/** The first issue that a schema reports; its contents are not trusted. */
function problemOf(issues: unknown, vendor: unknown): FieldProblem {
  const issue = memberOrNothing(issues, 0);
  const path = safely(() => pathOf(issue as StandardIssue)) ?? '';
  const message = memberOrNothing(issue, 'message');
  const text = issue === undefined ? 'it does not match the schema' : reasonOf(message);
  return new CodecProblem(path, `${path === '' ? 'the message' : `field ${path}`}: ${text} (${reasonOf(vendor)}).`);
}

function pathOf({ path = [] }: StandardIssue): string {
  const keys = path.map((part) => (typeof part === 'object' ? part.key : part));
  return keys.reduce<string>(
    (before, key) => (typeof key === 'number' ? `${before}[${key}]` : fieldPath(before, String(key))),
    '',
  );
}

function asynchronous(schema: MessageSchema): WaterMillError {
  return new WaterMillError(
    'WM_ASYNC_DESERIALIZER',
    `The deserializer of ${schema.name} is asynchronous. Messages are read synchronously: give it a function or a schema ` +
      'without asynchronous checks, and look things up in the process function.',
    { message: schema.name },
  );
}
