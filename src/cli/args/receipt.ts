import type { Command } from 'commander'
import { gather, type Start } from './options.js'

/** What is read of receipts that have come back. */
export function addReceipt(program: Command, start: Start): void {
  const receipt = program.command('receipt').description('what importers have signed about their imports')
  receipt
    .command('show <file>')
    .description('print what a receipt says, without verifying it')
    .option('--qr', 'print its compact form as a QR code')
    .action((file: string, options) =>
      start(async (context) => (await import('../commands/receipt.js')).receiptShow(file, options, context)),
    )
  receipt
    .command('verify [file]')
    .description('verify a receipt offline, by the roots of the trust store ca:importers')
    .option('--qr <text>', 'what a scanner has read of a code, or a file of it')
    .option('--cert <file>', 'the importer’s certificate and chain, which a code has no room for (PEM)')
    .option('--waybill <bundle>', 'refuse a receipt of another bundle; a file or a digest')
    .option('--at <time>', 'the clock of an audit, RFC 3339')
    .option('--trust <dir>', 'trust stores in notation’s own form (default: the configuration folder)')
    .option('--evidence <file>', 'a CRL or an OCSP response, or a folder of them; can be repeated', gather)
    .action((file: string | undefined, options) =>
      start(async (context) => (await import('../commands/receipt-verify.js')).receiptVerify(file, options, context)),
    )
}
