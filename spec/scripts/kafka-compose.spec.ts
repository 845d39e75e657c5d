import { readFileSync } from 'node:fs';
import path from 'node:path';
import { propertiesOf, readCompose, testBrokerProperties } from '../support/kafka-settings.js';

/** These differ because one broker has its ports in a container. */
const ofThePlace = ['listeners', 'advertised.listeners', 'controller.quorum.voters', 'log.dirs'];

describe('scripts/kafka-compose.yml', () => {
  const { services } = readCompose('scripts/kafka-compose.yml');
  const { kafka } = services;

  it('configures its broker like scripts/kafka-config.mjs configures the one on Java', () => {
    const without = (properties: Record<string, string>) =>
      Object.fromEntries(Object.entries(properties).filter(([name]) => !ofThePlace.includes(name)));
    const expected = without(testBrokerProperties());
    expect(Object.keys(expected).length).toBeGreaterThan(10);
    expect(without(propertiesOf(kafka.environment))).toEqual(expected);
  });

  it('advertises the port that it publishes', () => {
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: compose fills them in
    expect(kafka.ports).toEqual(['127.0.0.1:${KAFKA_PORT}:${KAFKA_PORT}']);
    expect(kafka.environment.KAFKA_ADVERTISED_LISTENERS).toBe('PLAINTEXT://127.0.0.1:${KAFKA_PORT}');
    expect(kafka.environment.KAFKA_LISTENERS).toBe('PLAINTEXT://:${KAFKA_PORT},CONTROLLER://:9093');
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
  });

  it('has the version of the jars', () => {
    const jars = readFileSync(path.join(__dirname, '../../scripts/kafka-jars.mjs'), 'utf8');
    expect(kafka.image).toBe(`apache/kafka:${/kafkaVersion = '(.*)'/.exec(jars)?.[1]}`);
  });
});
