// Package contractfile reads contracts, customers and products from a spreadsheet file: CSV in the ways that programs
// write it, and XLSX. It finds every fault of the file, each with its place, and returns plain values; what becomes of
// them is the caller's business. It reads what it is handed and nothing else.
package contractfile
