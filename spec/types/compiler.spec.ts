import { announcedMistakes, type CompilerError, compileFixtures, type Mistake } from './compile.js';

// One run for all: it takes as long as a small project takes to compile.
const errors = compileFixtures();
const mistakes = announcedMistakes();
const ourSentence = 'WaterMill: the parameters do not fit the join tree';

function within({ file, from, to }: Mistake, error: CompilerError): boolean {
  return error.file === file && error.line > from && error.line < to;
}

test('what must compile does: nothing is reported but announced mistakes', () => {
  expect(errors.filter((error) => !mistakes.some((mistake) => within(mistake, error)))).toEqual([]);
});

test('there are mistakes of each stage', () => {
  const files = [...new Set(mistakes.map(({ file }) => file))].sort();
  expect(files).toEqual(['expressions.mistakes.ts', 'joins.mistakes.ts', 'mill.mistakes.ts', 'process.mistakes.ts']);
  expect(mistakes.length).toBeGreaterThan(70);
});

// Sentences of the compiler differ between its versions: its code is asserted, and what we say in it.
describe.each(mistakes)('$file: $what', (mistake) => {
  test(`is ${mistake.code}${mistake.ours ? ', with our sentence' : ''}`, () => {
    const found = errors.filter((error) => within(mistake, error));
    expect(found).not.toEqual([]);
    expect(found.map(({ code }) => code)).toEqual(found.map(() => mistake.code));
    if (mistake.ours) expect(found.map(({ text }) => text).join('\n')).toContain(ourSentence);
  });
});
