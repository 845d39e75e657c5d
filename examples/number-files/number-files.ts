/** Files in the order of their arrival, with randomly chosen names, and the numbers in them. */
export const numberFiles: readonly { readonly name: string; readonly numbers: readonly number[] }[] = [
  { name: 'weyec11rft', numbers: [14, 9, 28] },
  { name: '6z17vodynr', numbers: [30] },
  { name: 'gzhzm0gx50', numbers: [35, 2, 6] },
  { name: '0lar0xijkl', numbers: [38, 15] },
  { name: '0qznxuy93c', numbers: [34] },
  { name: 'nt64iet8r7', numbers: [10, 28, 40] },
  { name: 'n947n4c2lg', numbers: [9] },
  { name: '6419nm4txf', numbers: [6, 11, 25, 0, 32] },
  { name: 'dvilu31ftl', numbers: [31, 42, 39, 35, 19, 28] },
  { name: '833hp14faa', numbers: [49, 24, 17, 12, 35] },
  { name: 'evy33h4glw', numbers: [34, 39] },
];
