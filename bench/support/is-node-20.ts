/** The oldest Node that is supported; some targets are others there than on the newest LTS. */
export const isNode20 = process.versions.node.startsWith('20.');
