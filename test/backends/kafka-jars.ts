import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const version = '4.3.1'
const run = promisify(execFile)

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>throughline</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>
    <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`

/** Where the user's caches live; Kafka's jars stay there between runs. */
const cache = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'throughline',
  `kafka-${version}`,
)

/** The Java to run brokers with; null without one of 17 or later. */
export function findJava(): string | null {
  const home = process.env['JAVA_HOME']
  const java = home ? join(home, 'bin', 'java') : 'java'
  const { status, stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' })
  const major = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
  return status === 0 && major >= 17 ? java : null
}

export const haveJars = (): boolean => existsSync(join(cache, 'libs'))
export const haveMaven = (): boolean => spawnSync('mvn', ['--version']).status === 0

/** A class path of Kafka, resolved from Maven Central the first time and kept in the user's cache. */
export async function kafkaClassPath(): Promise<string> {
  const libs = join(cache, 'libs')
  if (!haveJars()) {
    mkdirSync(cache, { recursive: true })
    // In a folder of its own until it is whole: another run may do the same at the same time.
    const here = mkdtempSync(join(cache, 'resolving-'))
    writeFileSync(join(here, 'pom.xml'), pom)
    const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs']
    await run('mvn', [...goal, '-DincludeScope=runtime'], { cwd: here })
    if (!haveJars()) renameSync(join(here, 'libs'), libs)
    rmSync(here, { recursive: true, force: true })
  }
  return join(libs, '*')
}
