import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { missingBackend } from '../backends/available.ts'
import { cacheOf } from '../backends/cache.ts'
import { findJava, haveJars, haveMaven, kafkaClassPath } from '../backends/kafka-jars.ts'

/** A record as a client printed it that nobody here wrote. */
export interface Printed {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
}

export interface PrintedByPython extends Printed {
  /** The record's bytes as they lie on the log, in base64; null for one that takes another back. */
  readonly raw: string | null
  /** What the deserialiser made of them: bytes in base64, instants as milliseconds. */
  readonly value: Readonly<Record<string, unknown>> | null
}

export interface PrintedByConsole extends Omit<Printed, 'topic'> {
  /** In base64. */
  readonly raw: string | null
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const outputMax = 256 * 1024 * 1024
const run = promisify(execFile)
const remedy = 'run test/outside/install.sh as root'

const answers = (command: string, ...args: string[]): string | null => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
  return status === 0 ? stdout : null
}

const pipVersion = (): string | null => answers('python3', '-m', 'pip', '--version')

/** Why Python cannot read here, in words for a newcomer; null when it can. */
export const whyNoPython = (): string | null =>
  pipVersion() === null ? missingBackend('Python with pip', remedy) : null

/** Why there is no kcat; null where there is one. */
export const whyNoKcat = (): string | null =>
  answers('kcat', '-V') === null ? missingBackend('kcat', remedy) : null

/** Why Kafka's own console tools cannot run here; null when they can. */
export const whyNoConsole = (): string | null =>
  findJava() !== null && (haveJars('kafka-tools') || haveMaven())
    ? null
    : missingBackend('Kafka’s console tools', 'install Java 17 and Maven')

/** The folder of Python's packages: installed the first time, and kept in the user's cache. */
async function pythonPackages(): Promise<string> {
  const requirements = here('requirements.txt')
  // Compiled for one Python only.
  const digest = createHash('sha256')
    .update(readFileSync(requirements))
    .update(pipVersion() ?? '')
  const folder = cacheOf(`python-${digest.digest('hex').slice(0, 12)}`)
  if (existsSync(folder)) return folder
  mkdirSync(dirname(folder), { recursive: true })
  // In a folder of its own until it is whole: another run may do the same at the same time.
  const resolving = mkdtempSync(`${folder}-`)
  const what = ['--no-deps', '--only-binary', ':all:', '-r', requirements]
  await run('python3', ['-m', 'pip', 'install', '-q', '--target', resolving, ...what])
  if (existsSync(folder)) rmSync(resolving, { recursive: true, force: true })
  else renameSync(resolving, folder)
  return folder
}

/**
 * Confluent's client for Python with its Avro deserialiser, given a registry's address and nothing else of
 * ours: everything on the topics of a broker, or records that somebody brought from a log without one.
 */
export async function readByPython(
  registry: string,
  from:
    | { readonly brokers: string; readonly topics: readonly string[] }
    | { readonly records: readonly (Printed & { readonly value: string | null })[] },
): Promise<readonly PrintedByPython[]> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    PYTHONPATH: await pythonPackages(),
    SCHEMA_REGISTRY_URL: registry,
  }
  const args = ['-W', 'ignore', here('read.py')]
  if ('brokers' in from) args.push(from.brokers, ...from.topics)
  const reading = run('python3', args, { env, maxBuffer: outputMax })
  const lines = 'records' in from ? from.records.map((record) => JSON.stringify(record)) : []
  reading.child.stdin?.end(lines.join('\n'))
  return linesOf((await reading).stdout).map((line) => JSON.parse(line) as PrintedByPython)
}

/** kcat, of one topic. Debian's is built without Avro: it shows keys, headers and how long a value is. */
export async function readByKcat(
  brokers: string,
  topic: string,
): Promise<readonly (Printed & { readonly bytes: number })[]> {
  const format = '%p\t%o\t%k\t%h\t%S\n'
  const args = ['-b', brokers, '-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-f', format]
  const { stdout } = await run('kcat', args, { maxBuffer: outputMax })
  return linesOf(stdout).map((line) => {
    const [partition, offset, key = '', headers = '', bytes] = line.split('\t')
    return {
      topic,
      partition: Number(partition),
      offset: Number(offset),
      key,
      headers: Object.fromEntries(headers.split(',').map(cutAt('='))),
      bytes: Number(bytes),
    }
  })
}

/**
 * Kafka's own console consumer, of all topics that begin so. It has no Avro: Confluent's formatter for it is
 * not on Maven Central. It prints every byte of a value, so that it can be held against what others read.
 */
export async function readByConsole(
  brokers: string,
  prefix: string,
  records: number,
): Promise<readonly PrintedByConsole[]> {
  const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m']
  const tool = 'org.apache.kafka.tools.consumer.ConsoleConsumer'
  const what = ['--bootstrap-server', brokers, '--include', `${prefix.replaceAll('.', '\\.')}.*`]
  const end = ['--from-beginning', '--max-messages', String(records)]
  const format = [
    ...['partition', 'offset', 'key', 'headers', 'value'].map((it) => `print.${it}=true`),
    'value.deserializer=org.apache.kafka.common.serialization.BytesDeserializer',
  ].flatMap((property) => ['--formatter-property', property])
  const args = [...jvm, '-cp', await kafkaClassPath('kafka-tools'), tool, ...what, ...end]
  const { stdout } = await run(findJava() ?? 'java', [...args, ...format], { maxBuffer: outputMax })
  return linesOf(stdout).map((line) => {
    const [partition = '', offset = '', headers = '', key = '', value = ''] = line.split('\t')
    return {
      partition: Number(partition.replace('Partition:', '')),
      offset: Number(offset.replace('Offset:', '')),
      key,
      headers: Object.fromEntries(headers.split(',').map(cutAt(':'))),
      raw: value === 'null' ? null : unescaped(value).toString('base64'),
    }
  })
}

/** A header's name, and its text, in which the mark may come again. */
const cutAt = (mark: string) => (header: string) => {
  const at = header.indexOf(mark)
  return [header.slice(0, at), header.slice(at + 1)] as const
}

/** Bytes that are no printable ASCII are printed as `\x00`. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/\\x([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  )

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')
