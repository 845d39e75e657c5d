import type { Class, MessageClass } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { StreamEntry } from '../../../brokers/broker.js';
import { checkedSchemaOf, isMessageClass } from '../../../messages/schema.js';
import { describeValue } from '../in-words.js';
import type { PlanOutput } from '../plan.js';
import type { FoundStream, MillBrokers } from './mill-brokers.js';
import type { TreeNode } from './tree-nodes.js';

/** The stream of every node, in the order of the nodes. */
export function findInputs(brokers: MillBrokers, nodes: readonly TreeNode[]): FoundStream[] {
  return nodes.map(({ message, index }) =>
    brokers.input(message, index === 0 ? 'the master' : 'a node of the join tree'),
  );
}

/** Collects the output streams, each class once; none of them is also read. */
export class OutputStreams {
  readonly outputs: PlanOutput[] = [];

  constructor(
    private readonly brokers: MillBrokers,
    private readonly nodes: readonly TreeNode[],
    private readonly inputs: readonly FoundStream[],
  ) {}

  /** Returns the index of the output of this class. `key`: elements with equal keys must be in the same partition. */
  add(message: MessageClass<any>, role: string, key?: (element: any) => unknown): number {
    const known = this.outputs.findIndex((output) => output.message === message);
    if (known >= 0) return known;
    const { broker, entry } = this.brokers.output(message, role);
    this.refuseShared(message, entry);
    return this.outputs.push(Object.freeze({ message, broker, entry, ...(key !== undefined && { key }) })) - 1;
  }

  /** The class of a dead letter has some of the fields of `BadMessage`, and requires no others. */
  addDeadLetter(message: MessageClass<any>, place: string): number {
    this.checkFields(
      message,
      place,
      new Set(['stream', 'position', 'raw', 'error']),
      'a dead letter has stream, position, raw and error',
    );
    const index = this.add(message, 'dead letters');
    this.outputs[index] = Object.freeze({ ...(this.outputs[index] as PlanOutput), takesLetters: true });
    return index;
  }

  /** A late element is written with the fields of its late class. */
  addLate(message: MessageClass<any>, node: TreeNode): number {
    const fields = checkedSchemaOf(node.message).fields.map((field) => field.property);
    this.checkFields(
      message,
      `inputs: the late class of ${node.name}`,
      new Set(fields),
      `elements of ${node.name} have ${fields.join(', ')}`,
    );
    return this.add(message, 'late elements');
  }

  private checkFields(message: unknown, place: string, there: ReadonlySet<string>, what: string): void {
    if (!isMessageClass(message)) {
      throw new WaterMillError(
        'WM_DEAD_LETTER',
        `${place}: expected a message class, found ${describeValue(message)}.`,
      );
    }
    const missing = checkedSchemaOf(message).fields.find((field) => !field.optional && !there.has(field.property));
    if (missing === undefined) return;
    throw new WaterMillError(
      'WM_DEAD_LETTER',
      `${place}: ${message.name} has a field ${missing.property}, which nothing fills; ${what}. Make it optional, or use another class.`,
      { message: message.name, field: missing.property },
    );
  }

  private refuseShared(message: Class, entry: StreamEntry): void {
    const id = outputIdOf(entry);
    const read = this.inputs.findIndex(({ entry: { id: read } }) => read === id);
    if (read >= 0) {
      throw new WaterMillError(
        'WM_STREAM_SHARED',
        `${entry.label} is read as ${this.nodes[read]!.name} and would be written as ${message.name}. ` +
          'Write to another stream: give the results their own class (an alias will do) with its own entry, or an outputBroker.',
        { stream: entry.label, message: message.name },
      );
    }
    const other = this.outputs.find((output) => outputIdOf(output.entry) === id);
    if (other === undefined) return;
    throw new WaterMillError(
      'WM_STREAM_SHARED',
      `${entry.label} would be written as ${other.message.name} and as ${message.name}. A stream holds elements of one class: give each its own entry.`,
      { stream: entry.label, message: message.name },
    );
  }
}

function outputIdOf({ id, outputId }: StreamEntry): string {
  return outputId ?? id;
}
