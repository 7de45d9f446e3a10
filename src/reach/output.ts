/** What keeps the streams of a command; all that they bring is to be read, so that the command can end. */
export type Keep = (streams: {readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream}) => void;

/** Keeps the first so many bytes that a stream brings and lets the rest go by; call the result for them as text. */
export function keepStart(stream: NodeJS.ReadableStream, bytesMax: number): () => string {
  const chunks: Buffer[] = [];
  let kept = 0;
  stream.on('data', (chunk: Buffer) => {
    if (kept >= bytesMax) return;
    const part = chunk.subarray(0, bytesMax - kept);
    chunks.push(part);
    kept += part.length;
  });
  stream.on('error', () => {});
  return () => Buffer.concat(chunks).toString();
}

/**
 * Keeps the last so many bytes that these streams bring, in the order in which they come; call the result for them as text. Where
 * something was cut, it begins with a whole line: half a line may begin with half a secret.
 */
export function keepEnd(streams: readonly NodeJS.ReadableStream[], bytesMax: number): () => string {
  let chunks: Buffer[] = [];
  let kept = 0;
  let isCut = false;
  const join = () => {
    const all = Buffer.concat(chunks);
    isCut ||= all.length > bytesMax;
    chunks = [all.subarray(-bytesMax)];
    kept = Math.min(all.length, bytesMax);
    return chunks[0] ?? all;
  };
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      isCut ||= chunk.length > bytesMax;
      chunks.push(chunk.subarray(-bytesMax));
      kept += Math.min(chunk.length, bytesMax);
      // Not at every chunk: to join them costs a copy of what is kept.
      if (kept > 4 * bytesMax) join();
    });
    stream.on('error', () => {});
  }
  return () => {
    const text = join().toString();
    return isCut ? text.slice(text.indexOf('\n') + 1) : text;
  };
}
