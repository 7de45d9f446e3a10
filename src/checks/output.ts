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
