//go:build !unix

package app

import "io/fs"

// ownerOf is not known on this system.
func ownerOf(fs.FileInfo) string { return "" }
