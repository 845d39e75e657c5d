#!/usr/bin/env node
import { runCommandLine } from './command-line.js';

void runCommandLine(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), exitCode);
});
