//! Reading as one of one's parts does.

/// Makes a type a [`Reader`](crate::store::Reader) that hands everything on to one of its fields: what can be
/// written to is read as what cannot.
macro_rules! reads_by {
    ($type:ty, $field:ident) => {
        #[async_trait::async_trait]
        impl $crate::store::Reader for $type {
            fn repository(&self) -> &$crate::oci::Repository {
                $crate::store::Reader::repository(&self.$field)
            }

            async fn tags(&self) -> $crate::failure::Fallible<Option<Vec<$crate::oci::Tag>>> {
                $crate::store::Reader::tags(&self.$field).await
            }

            async fn list(&self, pages_max: usize) -> $crate::failure::Fallible<$crate::store::Listed> {
                $crate::store::Reader::list(&self.$field, pages_max).await
            }

            async fn list_after(
                &self,
                last: &$crate::oci::Tag,
            ) -> $crate::failure::Fallible<$crate::store::Listed> {
                $crate::store::Reader::list_after(&self.$field, last).await
            }

            async fn pushed(&self) -> $crate::failure::Fallible<Option<Vec<$crate::oci::Tag>>> {
                $crate::store::Reader::pushed(&self.$field).await
            }

            fn costs(&self) -> $crate::store::Costs {
                $crate::store::Reader::costs(&self.$field)
            }

            fn leaves_out(&self, manifest: &$crate::oci::Digest) -> bool {
                $crate::store::Reader::leaves_out(&self.$field, manifest)
            }

            async fn head(
                &self,
                at: &$crate::oci::At,
            ) -> $crate::failure::Fallible<Option<$crate::store::Head>> {
                $crate::store::Reader::head(&self.$field, at).await
            }

            async fn manifest(
                &self,
                at: &$crate::oci::At,
            ) -> $crate::failure::Fallible<Option<$crate::oci::RawManifest>> {
                $crate::store::Reader::manifest(&self.$field, at).await
            }

            async fn referrers(
                &self,
                subject: &$crate::oci::Digest,
            ) -> $crate::failure::Fallible<$crate::store::ListedReferrers> {
                $crate::store::Reader::referrers(&self.$field, subject).await
            }

            async fn blob(
                &self,
                blob: &$crate::oci::Descriptor,
                start: u64,
            ) -> $crate::failure::Fallible<$crate::store::BlobStream> {
                $crate::store::Reader::blob(&self.$field, blob, start).await
            }

            async fn look_at(
                &self,
                blob: &$crate::oci::Descriptor,
                depth: $crate::store::Depth,
            ) -> $crate::failure::Fallible<$crate::store::Condition> {
                $crate::store::Reader::look_at(&self.$field, blob, depth).await
            }
        }
    };
}

pub(crate) use reads_by;
