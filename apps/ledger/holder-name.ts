/** Host and process of a lease's holder, which are what an operator looks for: `host:pid:run` without the run. */
export const withoutRunId = (holder: string): string => holder.replace(/:[0-9a-f-]{36}$/, '');
