import { madeOnce } from '../base/made-once.js';
import { WaterMillError } from '../base/watermill-error.js';
import { blankOf } from './blank.js';
import { memberOf } from './members.js';
import type { MessageSchema } from './message-schema.js';
import { wordsForMembers } from './words.js';

/** The data members of elements without `@Field`, if the class sets or defines them. */
export const undeclaredMembers: (schema: MessageSchema) => readonly string[] = madeOnce((schema) => {
  const declared = new Set(schema.fields.flatMap(({ name, property }) => [name, property]));
  return Object.keys(blankOf(schema)).filter((member) => !declared.has(member));
});

/** Throws if a message has a member that its class has without `@Field`: its value would be lost silently. */
export function refuseUndeclared(schema: MessageSchema, value: object): void {
  const member = undeclaredMembers(schema).find((name) => memberOf(value, name) !== undefined);
  if (member === undefined) return;
  throw new WaterMillError(
    'WM_FIELD_UNDECLARED',
    `${schema.name}.${member} carries no @Field, but the messages have a member ${member}: it would be left out. ` +
      `Write @Field() above it; if it is not part of the messages, make it private (#${member}) or rename it.`,
    { message: schema.name, field: member },
  );
}

/** Throws if a class has no `@Field` at all and an object has members: all of them would be lost silently. */
export function refuseFieldless(schema: MessageSchema, value: object, what: 'message' | 'element'): void {
  if (schema.fields.length > 0 || schema.codec !== undefined) return;
  const members = wordsForMembers(value, []);
  if (members === 'nothing') return;
  throw new WaterMillError(
    'WM_MESSAGE_FIELDS',
    `${schema.name} has no @Field, but the ${what} has ${members}: nothing of it would be ${what === 'message' ? 'read' : 'written'}. ` +
      'Write @Field() above the fields of the class.',
    { message: schema.name, expected: 'a class with fields', found: members },
  );
}
