/** @throws RangeError */
export function refuseBatchSize(batchSize: number): void {
  if (!(Number.isSafeInteger(batchSize) && batchSize >= 1))
    throw new RangeError(`batchSize ${batchSize} is not 1 or more`);
}
