// Package templates loads, checks, chooses and renders the mails that customers and staff get.
//
// A set is a folder: reply/ and staff/ hold one Markdown file a template, parts/ what several of them share, language/ one
// file a language (dates, labels, names of facts), layout/ the frame around every mail, rules/ what the checks look for.
// The default set is embedded; an admin's folder holds only the files that differ from it.
//
// Everything that can go wrong goes wrong in Load: a set with an unknown variable, a missing language, a broken link or a
// promise above its record is refused whole, with file, line and column. What Load returned renders without an error.
//
// Markdown becomes HTML and plain text once, at load, with marks where the values will stand. Rendering puts the values in,
// escaped for the place (text, HTML, attribute, link, header), so nothing that a customer wrote is ever parsed as markup,
// header or template.
//
// The package is pure: it reads the fs.FS it is given, and no clock, network or other state. A Set never changes and may be
// used by many goroutines.
package templates
