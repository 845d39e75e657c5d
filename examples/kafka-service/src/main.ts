import 'reflect-metadata';
import { runService } from 'watermill';
import { readConfiguration } from './configuration.js';
import { jsonLogger } from './json-logger.js';
import { makeMill } from './mill.js';

try {
  const configuration = readConfiguration(process.env);
  const logger = jsonLogger(configuration.logLevel);
  // Inside a container: probes and Prometheus connect from outside.
  const host = '0.0.0.0';
  void runService(makeMill(configuration, logger), { port: configuration.healthPort, host, logger });
} catch (error) {
  jsonLogger('error').error({ err: error }, `The service cannot start: ${(error as Error).message}`);
  process.exitCode = 1;
}
