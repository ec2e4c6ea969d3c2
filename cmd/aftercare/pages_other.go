//go:build !linux

package main

// dropPages does nothing where the kernel cannot be asked.
func dropPages() {}
