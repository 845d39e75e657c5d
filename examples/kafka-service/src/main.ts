import 'reflect-metadata';
import { runService } from 'watermill';
import { readConfiguration } from './configuration.js';
import { jsonLogger } from './json-logger.js';
import { makeMill } from './mill.js';

try {
  const configuration = readConfiguration(process.env);
  const logger = jsonLogger(configuration.logLevel);
  void runService(makeMill(configuration, logger), { healthPort: configuration.healthPort, logger });
} catch (error) {
  jsonLogger('error').error({ err: error }, `The service cannot start: ${(error as Error).message}`);
  process.exitCode = 1;
}
