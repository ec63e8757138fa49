/** A function that runs at most once in a while: after the first call of a row, and never sooner. */
export interface Throttled {
  (): void;
  readonly dispose: () => void;
}

/** @param pause milliseconds between a call and its run, for now; further calls before it are one with it */
export function throttle(pause: () => number, run: () => void): Throttled {
  let timer: NodeJS.Timeout | undefined;
  const call = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      run();
    }, pause());
  };
  return Object.assign(call, { dispose: () => clearTimeout(timer) });
}
