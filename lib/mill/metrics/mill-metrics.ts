import type { Plan, PlanNode } from '../plan/plan.js';
import type { Health } from '../report/health.js';
import { heldBy } from '../report/held-elements.js';
import { commitBounds, Histogram } from '../report/histogram.js';
import { type LaneState, nodeInAll, sum } from '../report/lane-state.js';
import type { MillView } from '../report/mill-view.js';
import type { Waiting } from '../report/waiting.js';
import { CallTimes } from './call-times.js';
import type { HistogramMetric, HistogramSample, Labels, Metric, Sample, SampledMetric } from './metric.js';

type NodeInAll = ReturnType<typeof nodeInAll>;
type Described = Pick<Metric, 'name' | 'help' | 'together'>;

const reasons: readonly Waiting['for'][] = ['input', 'call', 'saves', 'output'];

/**
 * The metrics of a mill, from its own counts. Labels are only names of the plan: message classes, streams and edges,
 * never keys, lanes or partitions.
 */
export class MillMetrics {
  private readonly times = new CallTimes();
  /** The last metrics of the mill that this one repeats. */
  private readonly before: readonly Metric[] | undefined;
  /** By metric: the counts as of the last look. */
  private readonly counted = new Map<string, readonly number[]>();

  /** `before`: of a mill with the same plan and streams whose run is over. Its counts continue. */
  constructor(
    private readonly view: MillView,
    before?: MillMetrics,
  ) {
    this.before = before?.now();
  }

  /** Times the calls from now on. */
  timeCalls(): void {
    this.view.watchCalls(this.times.watch);
  }

  now(): readonly Metric[] {
    const own = metricsOf(this.view, this.times);
    const { before } = this;
    const all = before === undefined ? own : own.map((metric, i) => continued(before[i] as Metric, metric));
    return all.map((metric) => (metric.type === 'counter' ? this.rising(metric) : metric));
  }

  /**
   * A counter that decreases counts as one that began anew at 0. A mill's own counts may: results that a lost lane could
   * not commit do not count.
   */
  private rising(metric: SampledMetric): Metric {
    const before = this.counted.get(metric.name);
    const samples = metric.samples.map(({ labels, value }, i) => ({
      labels,
      value: Math.max(value, before?.[i] ?? 0),
    }));
    this.counted.set(
      metric.name,
      samples.map(({ value }) => value),
    );
    return { ...metric, samples };
  }
}

/** Adds the counts of the same metric of the mill before. */
function continued(before: Metric, now: Metric): Metric {
  if (now.type === 'histogram') {
    const samples = now.samples.map(({ labels, histogram }, i) => {
      const former = (before as HistogramMetric).samples[i] as HistogramSample;
      return { labels, histogram: Histogram.sumOf([former.histogram, histogram]) };
    });
    return { ...now, samples };
  }
  if (now.type === 'gauge') return now;
  const formerly = (i: number): number => ((before as SampledMetric).samples[i] as Sample).value;
  return { ...now, samples: now.samples.map(({ labels, value }, i) => ({ labels, value: formerly(i) + value })) };
}

function metricsOf(view: MillView, times: CallTimes): readonly Metric[] {
  const { plan } = view;
  const lanes = view.lanes();
  return [
    ...streamMetrics(plan, lanes),
    ...heldMetrics(plan, lanes),
    ...callMetrics(lanes, times),
    ...resultMetrics(plan, lanes),
    ...commitMetrics(lanes, view.now()),
    ...stateMetrics(view, lanes),
  ];
}

/** 0 for a table that no lane is restoring at the moment. */
function restoringMetrics({ tables }: Plan, { lanes }: Health): readonly Metric[] {
  const restoring = lanes.flatMap((lane) => lane.restoring ?? []);
  const leftOf = (name: string): number =>
    sum(restoring.filter(({ table }) => table === name).map(({ left }) => left ?? 0));
  return [
    gauge({ name: 'watermill_restoring', help: 'Lanes that are restoring their tables.' }, [
      { labels: {}, value: restoring.length },
    ]),
    gauge(
      {
        name: 'watermill_restoring_changes',
        help: 'Changes of a table that are still to be read, where the broker knows.',
      },
      tables.map(({ name }) => ({ labels: { table: name }, value: leftOf(name) })),
    ),
  ];
}

function streamMetrics(plan: Plan, lanes: readonly LaneState[]): readonly Metric[] {
  const nodes = plan.nodes.map((node) => ({ labels: streamLabels(node), all: nodeInAll(lanes, node.index) }));
  const samples = (value: (all: NodeInAll) => number | undefined): Sample[] =>
    nodes.flatMap(({ labels, all }) => {
      const found = value(all);
      return found === undefined ? [] : [{ labels, value: found }];
    });
  const counted = (name: string, help: string, value: (all: NodeInAll) => number): Metric =>
    counter({ name: `watermill_${name}_elements`, help }, samples(value), 'elements');
  return [
    counted('read', 'Elements that the join took.', ({ read }) => read),
    counted('matched', 'Elements that were in a group or, of the master, in a call.', ({ matched }) => matched),
    counted('passed_over', 'Elements that nothing matched and nothing can match any longer.', (all) => all.passedOver),
    counted('late', 'Elements out of order that the order policy skipped.', ({ late }) => late),
    counted('bad', 'Messages that could not be read and that the policy skipped.', ({ bad }) => bad),
    gauge(
      { name: 'watermill_waiting_elements', help: 'Elements that were read and not taken yet by the join.' },
      samples(({ waiting }) => waiting),
      'elements',
    ),
    gauge(
      { name: 'watermill_lag_elements', help: 'Elements that the broker has and that were not read yet.' },
      samples(({ lag }) => lag),
      'elements',
    ),
    counter(
      { name: 'watermill_waiting_seconds', help: 'Time that lanes have waited for this stream.' },
      samples(({ waitedMs }) => waitedMs / 1_000),
      'seconds',
    ),
    gauge(
      { name: 'watermill_progress_ratio', help: 'How much of the stream was read, 0 to 1.', together: 'average' },
      samples(({ fraction }) => fraction),
    ),
  ];
}

function heldMetrics(plan: Plan, lanes: readonly LaneState[]): readonly Metric[] {
  const held = heldBy(plan, lanes).map(({ by, elements }) => ({ labels: { by }, value: elements }));
  const help = 'Elements in memory, by the edge, the window or the order that holds them.';
  return [gauge({ name: 'watermill_held_elements', help }, held, 'elements')];
}

function callMetrics(lanes: readonly LaneState[], times: CallTimes): readonly Metric[] {
  const total = (value: (lane: LaneState) => number): Sample[] => [{ labels: {}, value: sum(lanes.map(value)) }];
  return [
    counter(
      { name: 'watermill_calls', help: 'Calls of the process function.' },
      total(({ calls }) => calls),
    ),
    counter(
      { name: 'watermill_unmatched_calls', help: 'Calls of the methods for unmatched elements.' },
      total(({ unmatchedCalls }) => unmatchedCalls),
    ),
    counter(
      { name: 'watermill_failed_calls', help: 'Calls that threw and were skipped, as onError says.' },
      total(({ failedCalls }) => failedCalls),
    ),
    counter(
      { name: 'watermill_forced_calls', help: 'Calls that did not wait for a silent stream.' },
      total(({ forcedCalls }) => forcedCalls),
    ),
    gauge(
      { name: 'watermill_open_calls', help: 'Calls whose results are not saved yet.' },
      total(({ openCalls }) => openCalls),
    ),
    {
      type: 'histogram',
      name: 'watermill_call_seconds',
      help: 'Duration of a call of the process function. Synchronous calls that are made in one go are recorded with their mean.',
      unit: 'seconds',
      samples: [{ labels: {}, histogram: times.seconds }],
    },
  ];
}

function resultMetrics({ outputs }: Plan, lanes: readonly LaneState[]): readonly Metric[] {
  const samples = outputs.map(({ message, entry }, i) => ({
    labels: { message: message.name, stream: entry.label },
    value: sum(lanes.map(({ written }) => written[i] ?? 0)),
  }));
  return [counter({ name: 'watermill_results', help: 'Results, late elements and dead letters written.' }, samples)];
}

function commitMetrics(lanes: readonly LaneState[], now: number): readonly Metric[] {
  const histogram = Histogram.sumOf([new Histogram(commitBounds), ...lanes.map(({ commits }) => commits.seconds)]);
  const ages = lanes.flatMap(({ commits: { lastAt, isBehind } }) =>
    lastAt === undefined ? [] : [isBehind ? now - lastAt : 0],
  );
  const age = ages.length === 0 ? [] : [{ labels: {}, value: Math.max(0, ...ages) / 1_000 }];
  return [
    counter({ name: 'watermill_commits', help: 'Commits of positions.' }, [{ labels: {}, value: histogram.count }]),
    {
      type: 'histogram',
      name: 'watermill_commit_seconds',
      help: 'The duration of a commit, from making the last results durable on.',
      unit: 'seconds',
      samples: [{ labels: {}, histogram }],
    },
    gauge(
      {
        name: 'watermill_last_commit_age_seconds',
        help: 'How long ago the last commit was, of the lanes that have something to commit the one with the oldest; 0 if none has.',
        together: 'max',
      },
      age,
      'seconds',
    ),
  ];
}

function stateMetrics(view: MillView, lanes: readonly LaneState[]): readonly Metric[] {
  const health = view.health();
  const { ready, healthy, lanes: open } = health;
  const waiting = open.flatMap((lane) => (lane.waiting?.isHeldUp ? [lane.waiting] : []));
  const blocked = reasons.map((reason) => {
    const ms = waiting.filter((each) => each.for === reason).map(({ forMs }) => forMs);
    return { labels: { for: reason }, value: Math.max(0, ...ms) / 1_000 };
  });
  const flag = (name: string, help: string, value: boolean): Metric =>
    gauge({ name, help, together: 'min' }, [{ labels: {}, value: Number(value) }]);
  return [
    gauge(
      {
        name: 'watermill_blocked_seconds',
        help: 'How long the lane that is blocked the longest has been: elements are available, and it waits.',
        together: 'max',
      },
      blocked,
      'seconds',
    ),
    gauge({ name: 'watermill_lanes', help: 'Lanes that this process runs.' }, [
      { labels: {}, value: lanes.filter(({ isOver }) => !isOver).length },
    ]),
    ...restoringMetrics(view.plan, health),
    flag(
      'watermill_ready',
      '1 if the mill is connected to its brokers, its tables are restored, and it is not about to end.',
      ready,
    ),
    flag('watermill_healthy', '1 if the mill has not failed, and no lane is stuck.', healthy),
  ];
}

function streamLabels({ name, input }: PlanNode): Labels {
  return { message: name, stream: input.label };
}

function counter(described: Described, samples: readonly Sample[], unit?: Metric['unit']): Metric {
  return { type: 'counter', ...described, samples, ...(unit && { unit }) };
}

function gauge(described: Described, samples: readonly Sample[], unit?: Metric['unit']): Metric {
  return { type: 'gauge', ...described, samples, ...(unit && { unit }) };
}
