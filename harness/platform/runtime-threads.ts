/**
 * Threads that runtimes start and end by themselves. They grow with the first load of a kind and shrink
 * when they like: they are reported, and no verdict rests on them.
 */

/** By name: tokio, lance, libuv, V8, Node's own, io_uring's, and the JVM's collectors and compilers. */
export const RUNTIME_POOLS =
  /^(tokio|lance|libuv|V8|node$|node-V8|MainThread|DelayedTask|SignalInspector|inspector|iou-|GC |G1 |C[12] Comp|VM |ZDriver|ZWorker)/i;
