/** A question that one key answers. */
export interface KeyQuestion<Answer> {
  /** Shown once, without a line end. */
  readonly text: string;
  /** By key, lower case. `\r` is Enter, `\x03` Ctrl-C. */
  readonly answers: Readonly<Record<string, Answer>>;
  /** The answer once `limit` ms have passed, or standard input has ended. */
  readonly otherwise: Answer;
  readonly limit: number;
}

/** Asks on the terminal; other keys are ignored. */
export function askKey<Answer>({ text, answers, otherwise, limit }: KeyQuestion<Answer>): Promise<Answer> {
  const { stdin, stderr } = process;
  return new Promise((resolve) => {
    const wasRaw = stdin.isRaw;
    const done = (answer: Answer) => {
      clearTimeout(timer);
      stdin.off("data", hear);
      stdin.off("end", ended);
      stdin.setRawMode(wasRaw);
      stdin.pause();
      stderr.write("\n");
      resolve(answer);
    };
    const hear = (data: Buffer) => {
      for (const key of data.toString("utf8").toLowerCase()) {
        if (Object.hasOwn(answers, key)) return done(answers[key] as Answer);
      }
    };
    const ended = () => done(otherwise);
    const timer = setTimeout(ended, limit);
    // Keys arrive one by one, and Ctrl-C as one of them.
    stdin.setRawMode(true);
    stderr.write(text);
    stdin.on("data", hear);
    stdin.on("end", ended);
    stdin.resume();
  });
}
