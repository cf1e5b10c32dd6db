// SPDX-License-Identifier: Apache-2.0

/** A certificate for 127.0.0.1 and the authority that signed it, in PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** Makes both with the openssl command. */
export async function makeTestCertificate(): Promise<TestCertificate> {
  const directory = await Deno.makeTempDir();
  const path = (name: string) => `${directory}/${name}`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    await openssl([
      ...["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", ...key],
      ...["-keyout", path("ca.key"), "-out", path("ca.pem")],
    ]);
    await openssl([
      ...["req", "-new", "-subj", "/CN=127.0.0.1", ...key],
      ...["-keyout", path("key"), "-out", path("csr")],
    ]);
    const extensions = "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n";
    await Deno.writeTextFile(path("extensions"), extensions);
    await openssl([
      ...["x509", "-req", "-days", "2", "-in", path("csr"), "-extfile", path("extensions")],
      ...["-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial", "-out", path("pem")],
    ]);
    return {
      certificate: await Deno.readTextFile(path("pem")),
      key: await Deno.readTextFile(path("key")),
      authority: await Deno.readTextFile(path("ca.pem")),
    };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function openssl(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args: [...args] }).output();
  if (!success) throw new TypeError(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
