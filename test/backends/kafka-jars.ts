import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheOf } from './cache.ts'

const version = '4.3.1'
const run = promisify(execFile)

/** A broker, and the console tools that come with it. */
type Artefact = 'kafka_2.13' | 'kafka-tools'

const pomOf = (artefact: Artefact) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>throughline</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.apache.kafka</groupId><artifactId>${artefact}</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`

const folderOf = (artefact: Artefact) =>
  cacheOf(`${artefact === 'kafka_2.13' ? 'kafka' : artefact}-${version}`)

/** The Java to run brokers with; null without one of 17 or later. */
export function findJava(): string | null {
  const home = process.env['JAVA_HOME']
  const java = home ? join(home, 'bin', 'java') : 'java'
  const { status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
  return status === 0 && major >= 17 ? java : null
}

export const haveJars = (artefact: Artefact = 'kafka_2.13'): boolean =>
  existsSync(join(folderOf(artefact), 'libs'))
export const haveMaven = (): boolean => spawnSync('mvn', ['--version']).status === 0

/** A class path of Kafka, resolved from Maven Central the first time and kept in the user's cache. */
export async function kafkaClassPath(artefact: Artefact = 'kafka_2.13'): Promise<string> {
  const folder = folderOf(artefact)
  const libs = join(folder, 'libs')
  if (!haveJars(artefact)) {
    mkdirSync(folder, { recursive: true })
    // In a folder of its own until it is whole: another run may do the same at the same time.
    const here = mkdtempSync(join(folder, 'resolving-'))
    writeFileSync(join(here, 'pom.xml'), pomOf(artefact))
    const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs']
    await run('mvn', [...goal, '-DincludeScope=runtime'], { cwd: here })
    if (!haveJars(artefact)) renameSync(join(here, 'libs'), libs)
    rmSync(here, { recursive: true, force: true })
  }
  return join(libs, '*')
}
