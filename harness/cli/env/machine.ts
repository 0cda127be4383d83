/** The machine itself: Node, Linux, cores, memory, limits of its container, what may look into what. */
import { existsSync } from 'node:fs';
import { availableParallelism, freemem, release, totalmem } from 'node:os';
import { readText } from '../../platform/procfs/files.ts';
import { readStat } from '../../platform/procfs/process.ts';
import type { Capability } from './capability.ts';

/** A run has hanglab, its model, its target and their threads: 700 MB were seen. */
const NEEDED_BYTES = 1e9;
const CAP_SYS_PTRACE = 19n;

export function machineCapabilities(): Capability[] {
  return [node(), linux(), cores(), memory(), containerCores(), ptrace()];
}

function node(): Capability {
  return {
    name: 'Node',
    ok: true,
    found: process.versions.node,
    servesFor: 'everything',
    hint: 'hanglab needs 22.18 or newer',
  };
}

function linux(): Capability {
  const hasProc = process.platform === 'linux' && readStat(process.pid) !== null;
  return {
    name: 'Linux with /proc',
    ok: hasProc,
    found: `${process.platform} ${release()}`,
    servesFor: 'probes of descriptors, sockets and threads; diagnosis',
    hint: 'run hanglab in a Linux container or virtual machine',
  };
}

function cores(): Capability {
  const count = availableParallelism();
  return {
    name: 'cores',
    ok: count >= 2,
    found: String(count),
    servesFor: 'timings that mean something',
    hint: 'with one core, target and probes disturb each other: many runs will be inconclusive',
  };
}

function memory(): Capability {
  const limitBytes = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  const totalBytes = Math.min(totalmem(), limitBytes);
  const freeBytes = Math.min(process.availableMemory?.() ?? freemem(), totalBytes);
  return {
    name: 'memory',
    ok: freeBytes >= NEEDED_BYTES,
    found: `${inGb(freeBytes)} of ${inGb(totalBytes)} GB available${limitBytes < totalmem() ? ' (limit of its cgroup)' : ''}`,
    servesFor: 'one run needs about 1 GB',
    hint: 'end other programs, or raise the memory limit of the container',
  };
}

function containerCores(): Capability {
  const quota = readCoreQuota();
  return {
    name: 'cgroup CPU quota',
    ok: quota === null || quota >= 2,
    found: quota === null ? 'none' : `${Number(quota.toFixed(2))} cores`,
    servesFor: 'a process that is throttled looks like one that hangs',
    hint: 'give the container at least 2 cores (docker run --cpus 2)',
  };
}

/** Cores that the cgroup may use, null without a quota: version 2, then version 1. */
function readCoreQuota(): number | null {
  const own = /^0::(.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1] ?? '/';
  for (const folder of [`/sys/fs/cgroup${own}`, '/sys/fs/cgroup']) {
    const [quota, period] = (readIfThere(`${folder}/cpu.max`) ?? '').trim().split(' ');
    if (quota && period && quota !== 'max') return Number(quota) / Number(period);
  }
  const quotaUs = Number(readIfThere('/sys/fs/cgroup/cpu/cpu.cfs_quota_us') ?? -1);
  const periodUs = Number(readIfThere('/sys/fs/cgroup/cpu/cpu.cfs_period_us') ?? 100_000);
  return quotaUs > 0 ? quotaUs / periodUs : null;
}

function ptrace(): Capability {
  const scope = readIfThere('/proc/sys/kernel/yama/ptrace_scope')?.trim() ?? null;
  const effective = /^CapEff:\s*(\w+)$/m.exec(readText('/proc/self/status') ?? '')?.[1] ?? '0';
  const capable = ((BigInt(`0x${effective}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
  const found = `ptrace_scope ${scope ?? 'not there'}, CAP_SYS_PTRACE ${capable ? 'yes' : 'no'}`;
  return {
    name: 'ptrace',
    // 3 forbids it to everybody; 1 and 2 to those without the capability.
    ok: scope === null || scope === '0' || (capable && scope !== '3'),
    found,
    servesFor: 'native stacks of a process that is not a child (gdb, eu-stack, py-spy)',
    hint: 'sudo sysctl kernel.yama.ptrace_scope=0, or docker run --cap-add SYS_PTRACE',
  };
}

function readIfThere(path: string): string | null {
  return existsSync(path) ? readText(path) : null;
}

function inGb(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
