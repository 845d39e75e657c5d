import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryMessageBroker, WaterMill } from 'watermill';
import { MillMetrics } from '../../lib/mill/metrics/mill-metrics.js';
import { type MillView, viewOf } from '../../lib/mill/report/mill-view.js';
import { Order, Price, sell } from '../mill/support/model.js';

const { safeLoad, safeLoadAll } = require('js-yaml');

const root = path.resolve(__dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Returns the names of all series for a scraper, including those of histograms and counters. */
function names(): ReadonlySet<string> {
  const mill = new WaterMill({ process: sell, broker: new MemoryMessageBroker([[Order], [Price]]) });
  const metrics = new MillMetrics(viewOf(mill) as MillView).now();
  const suffixes = { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_count', '_sum'] };
  return new Set(metrics.flatMap(({ name, type }) => suffixes[type].map((suffix) => name + suffix)));
}

const used = (text: string): string[] =>
  [...new Set(text.match(/\bwatermill_\w+/g))].filter((name) => name !== 'watermill_');

describe('the monitoring of a mill', () => {
  const known = names();

  it.each(['examples/monitoring/dashboard.json', 'examples/monitoring/alerts.yml'])(
    '%s asks for metrics that there are',
    (file) => {
      const found = used(read(file));
      expect(found.length).toBeGreaterThan(7);
      expect(found.filter((name) => !known.has(name))).toEqual([]);
    },
  );

  it('has a page that lists all metrics, and no others', () => {
    const page = read('docs/operating.md');
    const table = page.slice(page.indexOf('| metric |'), page.indexOf('Except for'));
    // The page lists the family of a histogram.
    const families = new Set([...known].map((name) => name.replace(/_(bucket|count|sum)$/, '')));
    expect(used(table).sort()).toEqual([...families].sort());
  });

  it('has a meaning for every alert, and a query in each panel of the dashboard', () => {
    const { groups } = safeLoad(read('examples/monitoring/alerts.yml'));
    for (const { alert, expr, annotations } of groups[0].rules) {
      expect([alert, typeof expr, annotations.summary]).toEqual([alert, 'string', expect.stringMatching(/\w.*\.$/)]);
    }
    const { panels } = JSON.parse(read('examples/monitoring/dashboard.json'));
    for (const { title, targets } of panels) expect([title, targets.length > 0]).toEqual([title, true]);
  });

  it('has Kubernetes manifests with the paths of the service', () => {
    const [deployment] = safeLoadAll(read('examples/kafka-service/kubernetes/deployment.yaml'));
    const { metadata, spec } = deployment.spec.template;
    const [container] = spec.containers;
    const port = container.env.find(({ name }: { name: string }) => name === 'HEALTH_PORT').value;
    expect(String(container.ports[0].containerPort)).toBe(port);
    expect(metadata.annotations).toMatchObject({ 'prometheus.io/port': port, 'prometheus.io/path': '/metrics' });
    expect([container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path]).toEqual([
      '/healthz',
      '/readyz',
    ]);
    // Longer than the service's own grace period.
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(25);
    expect(deployment.spec.selector.matchLabels).toEqual(metadata.labels);
    const [job] = safeLoadAll(read('examples/kafka-service/kubernetes/job.yaml'));
    const [runs] = job.spec.template.spec.containers;
    // The working directory is the volume, where the image has nothing.
    const workdir = /^WORKDIR (.*)$/m.exec(read('examples/kafka-service/Dockerfile'))?.[1];
    const [command, main] = ['node_modules/watermill/dist/cli/main.js', 'dist/mill.js'].map(
      (file) => `${workdir}/${file}`,
    );
    expect(runs.command).toEqual(['node', command, 'run', main]);
    expect(runs.workingDir).toBe(runs.volumeMounts[0].mountPath);
    // A cluster refuses a user by name if it must not be root.
    for (const { runAsUser, runAsNonRoot } of [container.securityContext, job.spec.template.spec.securityContext]) {
      expect([runAsUser, runAsNonRoot]).toEqual([1000, true]);
    }
  });
});
