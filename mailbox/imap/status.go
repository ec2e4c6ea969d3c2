package imap

import (
	"sync"
	"time"
)

// FolderStatus is how a watched folder fares.
type FolderStatus struct {
	Folder    string
	Connected bool
	Idle      bool      // new mail is told at once; else it is polled for
	Success   time.Time // when the folder was last known to be read to its end, or a batch was recorded
	Err       error     // what ended the last connection; nil while connected
	ErrTime   time.Time
	Failures  int // connections that failed one after the other
}

type statuses struct {
	mu      sync.Mutex
	order   []string
	folders map[string]*FolderStatus
}

func newStatuses(folders []Folder) *statuses {
	s := &statuses{folders: make(map[string]*FolderStatus)}
	for _, f := range folders {
		s.order = append(s.order, f.Name)
		s.folders[f.Name] = &FolderStatus{Folder: f.Name}
	}
	return s
}

func (s *statuses) change(folder string, f func(*FolderStatus)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.folders[folder])
}

func (s *statuses) connected(folder string, idle bool) {
	s.change(folder, func(f *FolderStatus) { f.Connected, f.Idle, f.Err = true, idle, nil })
}

func (s *statuses) success(folder string) {
	s.change(folder, func(f *FolderStatus) { f.Success, f.Failures = time.Now(), 0 })
}

// lost notes the end of a connection.
func (s *statuses) lost(folder string, err error, failures int) {
	s.change(folder, func(f *FolderStatus) {
		f.Connected, f.Err, f.ErrTime, f.Failures = false, err, time.Now(), failures
	})
}

func (s *statuses) snapshot() []FolderStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]FolderStatus, len(s.order))
	for i, name := range s.order {
		out[i] = *s.folders[name]
	}
	return out
}
