import { announcedMistakes, compileFixtures, complaint, within } from './compile.js';

// Compiled once for all tests: it takes as long as a small project.
const errors = compileFixtures();
const mistakes = announcedMistakes();

test('code that must compile does: only the announced mistakes are reported', () => {
  expect(errors.filter((error) => !mistakes.some((mistake) => within(mistake, error)))).toEqual([]);
});

test('there are mistakes at each stage', () => {
  const files = [...new Set(mistakes.map(({ file }) => file))].sort();
  expect(files).toEqual([
    'expressions.mistakes.ts',
    'flow.mistakes.ts',
    'joins.mistakes.ts',
    'mill.mistakes.ts',
    'process.mistakes.ts',
    'redis.mistakes.ts',
    'tables.mistakes.ts',
    'testing.mistakes.ts',
    'windows.mistakes.ts',
  ]);
  expect(mistakes.length).toBeGreaterThan(90);
});

// Messages of the compiler differ between its versions: the tests check its code, and our messages in it.
describe.each(mistakes)('$file: $what', (mistake) => {
  test(`is ${mistake.codes.join(' or ')}${mistake.sentences.map((sentence) => `, ${sentence}`).join('')}`, () => {
    expect(complaint(mistake, errors)).toBeUndefined();
  });
});
