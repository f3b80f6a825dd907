"""What would hurt the delivery of a newsletter, found before it leaves; knows no Django.

`sender` asks the domain name system about the From domain, the return path and the relay; `content` reads the very
message; `visits` fetches links and pictures, guarded, and rehearses the one-click POST of RFC 8058; `scores` asks a
spam filter. Each returns `Finding`s: codes and details that the page puts into words. Nothing here changes anything.
"""
