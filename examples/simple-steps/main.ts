import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { oddNumbers, overNumbers, seen, tenMore } from './mill.js';

async function main(): Promise<void> {
  await runAndShow('The odd ones of four numbers.', overNumbers(oddNumbers, 4, console.log));
  await runAndShow('\nTen more than each of three numbers.', overNumbers(tenMore, 3, console.log));
  await runAndShow('\nThree numbers, inspected.', overNumbers(seen(console.log), 3, console.log));
}

void main();
